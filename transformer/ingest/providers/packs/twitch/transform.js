// Twitch: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.event?.user_id;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "twitch" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: `Twitch ${payload.subscription?.type}`,
      time: payload.event?.followed_at ?? context.accepted_at,
      properties: {
        channel: payload.event?.broadcaster_user_id,
      },
    },
  ],
};
