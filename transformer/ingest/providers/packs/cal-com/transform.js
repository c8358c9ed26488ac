// Cal.com: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.payload?.attendees?.[0]?.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Cal.com ${payload.triggerEvent}`,
      time: payload.createdAt ?? context.accepted_at,
      properties: {
        title: payload.payload?.title,
      },
    },
  ],
};
