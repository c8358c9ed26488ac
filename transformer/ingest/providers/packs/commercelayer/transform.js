// Commerce Layer: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.data?.attributes?.customer_email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Commerce Layer ${headers["X-Commercelayer-Topic"]}`,
      time: payload.data?.attributes?.updated_at ?? context.accepted_at,
      properties: {
        total: payload.data?.attributes?.total_amount_float,
      },
    },
  ],
};
