// Square: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.data?.object?.customer?.email_address;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Square ${payload.type}`,
      time: payload.created_at ?? context.accepted_at,
      properties: {
        customer: payload.data?.id,
      },
    },
  ],
};
