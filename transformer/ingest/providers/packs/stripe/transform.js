// Stripe: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.data?.object?.customer_details?.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Stripe ${payload.type}`,
      time: new Date((payload.created ?? 0) * 1000).toISOString(),
      properties: {
        event_id: payload.id,
        amount: (payload.data?.object?.amount_total ?? 0) / 100,
        currency: payload.data?.object?.currency,
      },
    },
  ],
};
