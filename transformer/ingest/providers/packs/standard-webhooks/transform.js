// Standard Webhooks: one event for each webhook. A start: change who the user is, and what you want to keep.

const id = payload.data?.id;
if (id == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      external_id: String(id),
      name: payload.type ?? "Webhook",
      time: payload.timestamp ?? context.accepted_at,
      properties: {
        email: payload.data?.email,
      },
    },
  ],
};
