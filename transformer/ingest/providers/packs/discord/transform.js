// Discord: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.event?.data?.user?.id;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "discord" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: `Discord ${payload.event?.type}`,
      time: payload.event?.timestamp ?? context.accepted_at,
      properties: {
        username: payload.event?.data?.user?.username,
      },
    },
  ],
};
