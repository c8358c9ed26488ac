// Zendesk: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.detail?.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Zendesk ${payload.type}`,
      time: payload.time ?? context.accepted_at,
      properties: {
        role: payload.detail?.role,
      },
    },
  ],
};
