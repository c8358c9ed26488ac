// PayPal: one event for each webhook. A start: change who the user is, and what you want to keep.

const id = payload.resource?.custom_id;
if (id == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      external_id: String(id),
      name: `PayPal ${payload.event_type}`,
      time: payload.create_time ?? context.accepted_at,
      properties: {
        amount: Number(payload.resource?.amount?.value),
        currency: payload.resource?.amount?.currency_code,
      },
    },
  ],
};
