// RudderStack: one event for each webhook. A start: change who the user is, and what you want to keep.

const id = payload.userId;
if (id == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      external_id: String(id),
      name: payload.event ?? `RudderStack ${payload.type}`,
      time: payload.originalTimestamp ?? context.accepted_at,
      properties: {
        order_id: payload.properties?.order_id,
      },
    },
  ],
};
