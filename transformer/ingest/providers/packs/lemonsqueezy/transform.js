// Lemon Squeezy: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.data?.attributes?.user_email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Lemon Squeezy ${payload.meta?.event_name}`,
      time: payload.data?.attributes?.updated_at ?? context.accepted_at,
      properties: {
        total: (payload.data?.attributes?.total ?? 0) / 100,
      },
    },
  ],
};
