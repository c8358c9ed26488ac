// TikTok: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.user_openid;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "tiktok" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: `TikTok ${payload.event}`,
      time: new Date((payload.create_time ?? 0) * 1000).toISOString(),
      properties: {
        content: payload.content,
      },
    },
  ],
};
