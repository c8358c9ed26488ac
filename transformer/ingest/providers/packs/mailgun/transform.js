// Mailgun: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload["event-data"]?.recipient;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Email ${payload["event-data"]?.event}`,
      time: new Date((payload["event-data"]?.timestamp ?? 0) * 1000).toISOString(),
      properties: {
        message: payload["event-data"]?.id,
      },
    },
  ],
};
