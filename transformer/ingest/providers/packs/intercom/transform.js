// Intercom: one event for each webhook. A start: change who the user is, and what you want to keep.

const id = payload.data?.item?.external_id;
if (id == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      external_id: String(id),
      name: `Intercom ${payload.topic}`,
      time: new Date((payload.created_at ?? 0) * 1000).toISOString(),
      properties: {
        role: payload.data?.item?.role,
      },
    },
  ],
};
