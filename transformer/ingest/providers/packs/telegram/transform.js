// Telegram: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.message?.from?.id;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "telegram" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: "Telegram Message",
      time: new Date((payload.message?.date ?? 0) * 1000).toISOString(),
      properties: {
        text: payload.message?.text,
      },
    },
  ],
};
