// Bitbucket: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.actor?.account_id;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "bitbucket" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: `Bitbucket ${headers["X-Event-Key"]}`,
      time: context.accepted_at,
      properties: {
        repository: payload.repository?.full_name,
      },
    },
  ],
};
