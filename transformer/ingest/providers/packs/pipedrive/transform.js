// Pipedrive: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.data?.emails?.[0]?.value;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Pipedrive ${payload.meta?.entity} ${payload.meta?.action}`,
      time: payload.meta?.timestamp ?? context.accepted_at,
      properties: {
        name: payload.data?.name,
      },
    },
  ],
};
