// Sanity: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload._id;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "sanity" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: `Sanity ${payload._type}`,
      time: payload._updatedAt ?? context.accepted_at,
      properties: {
        title: payload.title,
      },
    },
  ],
};
