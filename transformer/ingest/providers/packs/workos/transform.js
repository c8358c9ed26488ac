// WorkOS: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.data?.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `WorkOS ${payload.event}`,
      time: payload.created_at ?? context.accepted_at,
      properties: {
        state: payload.data?.state,
      },
    },
  ],
};
