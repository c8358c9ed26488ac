// GitHub: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.sender?.login;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "github" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: `GitHub ${headers["X-Github-Event"]}`,
      time: context.accepted_at,
      properties: {
        action: payload.action,
        repository: payload.repository?.full_name,
      },
    },
  ],
};
