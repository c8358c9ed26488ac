// Chargebee: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.content?.customer?.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Chargebee ${payload.event_type}`,
      time: new Date((payload.occurred_at ?? 0) * 1000).toISOString(),
      properties: {
        plan: payload.content?.subscription?.plan_id,
      },
    },
  ],
};
