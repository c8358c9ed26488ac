// RevenueCat: one event for each webhook. A start: change who the user is, and what you want to keep.

const id = payload.event?.app_user_id;
if (id == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      external_id: String(id),
      name: `RevenueCat ${payload.event?.type}`,
      time: new Date(payload.event?.event_timestamp_ms ?? 0).toISOString(),
      properties: {
        product: payload.event?.product_id,
        price: payload.event?.price,
      },
    },
  ],
};
