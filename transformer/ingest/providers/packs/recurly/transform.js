// Recurly: one event for each webhook. A start: change who the user is, and what you want to keep.

const id = payload.account_code;
if (id == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      external_id: String(id),
      name: `Recurly ${payload.object_type} ${payload.event_type}`,
      time: payload.event_time ?? context.accepted_at,
      properties: {
        id: payload.id,
      },
    },
  ],
};
