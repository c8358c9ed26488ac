// LINE: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.events?.[0]?.source?.userId;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "line" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: `LINE ${payload.events?.[0]?.type}`,
      time: new Date(payload.events?.[0]?.timestamp ?? 0).toISOString(),
      properties: {
        mode: payload.events?.[0]?.mode,
      },
    },
  ],
};
