// Iterable: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Iterable ${payload.eventName}`,
      time: context.accepted_at,
      properties: {
        campaign: payload.dataFields?.campaignName,
      },
    },
  ],
};
