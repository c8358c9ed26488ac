// Front: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.payload?.conversation?.recipient?.handle;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Front ${payload.type}`,
      time: new Date((payload.payload?.emitted_at ?? 0) * 1000).toISOString(),
      properties: {
        subject: payload.payload?.conversation?.subject,
      },
    },
  ],
};
