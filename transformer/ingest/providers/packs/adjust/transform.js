// Adjust: one event for each webhook. A start: change who the user is, and what you want to keep.

const id = payload.partner_params?.user_id;
if (id == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      external_id: String(id),
      name: `Adjust ${payload.activity_kind}`,
      time: new Date((payload.created_at ?? 0) * 1000).toISOString(),
      properties: {
        event: payload.event,
      },
    },
  ],
};
