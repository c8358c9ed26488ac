// Notion: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.authors?.[0]?.id;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "notion" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: `Notion ${payload.type}`,
      time: payload.timestamp ?? context.accepted_at,
      properties: {
        page: payload.entity?.id,
      },
    },
  ],
};
