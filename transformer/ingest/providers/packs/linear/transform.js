// Linear: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.actor?.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Linear ${payload.type} ${payload.action}`,
      time: payload.createdAt ?? context.accepted_at,
      properties: {
        title: payload.data?.title,
      },
    },
  ],
};
