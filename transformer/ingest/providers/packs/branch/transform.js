// Branch: one event for each webhook. A start: change who the user is, and what you want to keep.

const id = payload.user_data?.developer_identity;
if (id == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      external_id: String(id),
      name: `Branch ${payload.name}`,
      time: new Date(payload.timestamp ?? 0).toISOString(),
      properties: {
        revenue: payload.event_data?.revenue,
      },
    },
  ],
};
