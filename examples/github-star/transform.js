// Somebody stars one of our repositories, or takes the star back.

// GitHub sends every kind of news to one address; the header says which kind this is.
if (headers["X-Github-Event"] !== "star") return;

const { action, sender, repository } = payload;
if (!sender?.login) throw new Error("Who gave the star is missing: sender.login is empty.");

const user = {
  // We know people at GitHub by their login there, not by our own id.
  user_alias: { alias_name: sender.login, alias_label: "github" },
  _update_existing_only: false, // so that a new login makes a new profile
};

if (action === "deleted") {
  return {
    attributes: [{ ...user, starred_repositories: { remove: [repository.full_name] } }],
  };
}

return {
  attributes: [
    {
      ...user,
      github_url: sender.html_url,
      starred_repositories: { add: [repository.full_name] },
    },
  ],
  events: [
    {
      ...user,
      name: "Repository Starred",
      time: payload.starred_at,
      properties: { repository: repository.full_name, stars: repository.stargazers_count },
    },
  ],
};
