// Tealium: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.visitor?.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Tealium ${payload.event_name}`,
      time: context.accepted_at,
      properties: {
        order_id: payload.order_id,
      },
    },
  ],
};
