// Asana: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.events?.[0]?.user?.gid;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "asana" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: `Asana ${payload.events?.[0]?.action}`,
      time: payload.events?.[0]?.created_at ?? context.accepted_at,
      properties: {
        task: payload.events?.[0]?.resource?.gid,
      },
    },
  ],
};
