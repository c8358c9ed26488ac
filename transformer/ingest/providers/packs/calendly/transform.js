// Calendly: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.payload?.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Calendly ${payload.event}`,
      time: payload.created_at ?? context.accepted_at,
      properties: {
        meeting: payload.payload?.scheduled_event?.name,
      },
    },
  ],
};
