// Webflow: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.payload?.data?.Email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Webflow ${payload.triggerType}`,
      time: payload.payload?.submittedAt ?? context.accepted_at,
      properties: {
        form: payload.payload?.name,
      },
    },
  ],
};
