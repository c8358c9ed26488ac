// X: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.favorite_events?.[0]?.user?.id_str;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "x" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: "X Like",
      time: context.accepted_at,
      properties: {
        account: payload.for_user_id,
      },
    },
  ],
};
