// Trello: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.action?.memberCreator?.username;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "trello" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: `Trello ${payload.action?.type}`,
      time: payload.action?.date ?? context.accepted_at,
      properties: {
        card: payload.action?.data?.card?.name,
      },
    },
  ],
};
