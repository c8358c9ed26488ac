// Klaviyo: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.data?.[0]?.payload?.included?.[0]?.attributes?.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Klaviyo ${payload.data?.[0]?.topic}`,
      time: payload.data?.[0]?.payload?.data?.attributes?.datetime ?? context.accepted_at,
      properties: {
        event: payload.data?.[0]?.external_id,
      },
    },
  ],
};
