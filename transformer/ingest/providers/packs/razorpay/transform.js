// Razorpay: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.payload?.payment?.entity?.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Razorpay ${payload.event}`,
      time: new Date((payload.created_at ?? 0) * 1000).toISOString(),
      properties: {
        amount: (payload.payload?.payment?.entity?.amount ?? 0) / 100,
      },
    },
  ],
};
