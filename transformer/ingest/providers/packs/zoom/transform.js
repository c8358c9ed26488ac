// Zoom: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.payload?.object?.participant?.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Zoom ${payload.event}`,
      time: new Date(payload.event_ts ?? 0).toISOString(),
      properties: {
        meeting: payload.payload?.object?.topic,
      },
    },
  ],
};
