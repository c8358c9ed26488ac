// Customer.io: one event for each webhook. A start: change who the user is, and what you want to keep.

const id = payload.data?.customer_id;
if (id == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      external_id: String(id),
      name: `Customer.io ${payload.object_type} ${payload.metric}`,
      time: new Date((payload.timestamp ?? 0) * 1000).toISOString(),
      properties: {
        subject: payload.data?.subject,
      },
    },
  ],
};
