// Jira: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.user?.accountId;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "jira" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: `Jira ${payload.webhookEvent}`,
      time: new Date(payload.timestamp ?? 0).toISOString(),
      properties: {
        issue: payload.issue?.key,
      },
    },
  ],
};
