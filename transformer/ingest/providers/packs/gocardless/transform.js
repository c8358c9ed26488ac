// GoCardless: one event for each webhook. A start: change who the user is, and what you want to keep.

const id = payload.events?.[0]?.resource_metadata?.user_id;
if (id == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      external_id: String(id),
      name: `GoCardless ${payload.events?.[0]?.resource_type} ${payload.events?.[0]?.action}`,
      time: payload.events?.[0]?.created_at ?? context.accepted_at,
      properties: {
        payment: payload.events?.[0]?.links?.payment,
      },
    },
  ],
};
