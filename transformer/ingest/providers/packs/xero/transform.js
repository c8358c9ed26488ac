// Xero: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.events?.[0]?.resourceId;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "xero" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: `Xero ${payload.events?.[0]?.eventCategory}`,
      time: context.accepted_at,
      properties: {
        type: payload.events?.[0]?.eventType,
      },
    },
  ],
};
