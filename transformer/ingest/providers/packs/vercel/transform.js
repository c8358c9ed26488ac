// Vercel: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.payload?.user?.id;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "vercel" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: `Vercel ${payload.type}`,
      time: new Date(payload.createdAt ?? 0).toISOString(),
      properties: {
        deployment: payload.payload?.deployment?.name,
      },
    },
  ],
};
