// Okta: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.data?.events?.[0]?.target?.[0]?.alternateId;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Okta ${payload.data?.events?.[0]?.eventType}`,
      time: payload.eventTime ?? context.accepted_at,
      properties: {
        user: payload.data?.events?.[0]?.target?.[0]?.id,
      },
    },
  ],
};
