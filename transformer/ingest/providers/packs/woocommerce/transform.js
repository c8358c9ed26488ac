// WooCommerce: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.billing?.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `WooCommerce ${headers["X-Wc-Webhook-Topic"]}`,
      time: `${payload.date_modified_gmt}Z`,
      properties: {
        order_id: String(payload.id),
        total: Number(payload.total),
      },
    },
  ],
};
