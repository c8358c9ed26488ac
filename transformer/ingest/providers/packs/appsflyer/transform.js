// AppsFlyer: one event for each webhook. A start: change who the user is, and what you want to keep.

const id = payload.customer_user_id;
if (id == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      external_id: String(id),
      name: `AppsFlyer ${payload.event_name}`,
      time: context.accepted_at,
      properties: {
        revenue: Number(payload.event_revenue),
        currency: payload.event_revenue_currency,
      },
    },
  ],
};
