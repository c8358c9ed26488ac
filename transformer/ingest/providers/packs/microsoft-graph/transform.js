// Microsoft Graph: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.value?.[0]?.resource?.split("/")[1];
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "microsoft" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: `Microsoft ${payload.value?.[0]?.changeType}`,
      time: context.accepted_at,
      properties: {
        resource: payload.value?.[0]?.resource,
      },
    },
  ],
};
