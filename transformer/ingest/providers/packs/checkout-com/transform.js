// Checkout.com: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.data?.customer?.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Checkout.com ${payload.type}`,
      time: payload.created_on ?? context.accepted_at,
      properties: {
        amount: (payload.data?.amount ?? 0) / 100,
        currency: payload.data?.currency,
      },
    },
  ],
};
