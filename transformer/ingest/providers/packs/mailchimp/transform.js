// Mailchimp: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload["data[email]"];
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Mailchimp ${payload.type}`,
      time: context.accepted_at,
      properties: {
        list: payload["data[list_id]"],
      },
    },
  ],
};
