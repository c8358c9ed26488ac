// Shopify: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Shopify ${headers["X-Shopify-Topic"]}`,
      time: payload.updated_at ?? context.accepted_at,
      properties: {
        order_id: String(payload.id),
        total: Number(payload.total_price),
        currency: payload.currency,
      },
    },
  ],
};
