// Slack: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.event?.user?.profile?.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Slack ${payload.event?.type}`,
      time: new Date((payload.event_time ?? 0) * 1000).toISOString(),
      properties: {
        team: payload.team_id,
      },
    },
  ],
};
