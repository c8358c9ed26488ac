// Paddle Billing: one event for each webhook. A start: change who the user is, and what you want to keep.

const id = payload.data?.custom_data?.user_id;
if (id == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      external_id: String(id),
      name: `Paddle ${payload.event_type}`,
      time: payload.occurred_at ?? context.accepted_at,
      properties: {
        subscription: payload.data?.id,
        status: payload.data?.status,
      },
    },
  ],
};
