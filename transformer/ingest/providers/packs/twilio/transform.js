// Twilio: one event for each webhook. A start: change who the user is, and what you want to keep.

const phone = payload.From;
if (!phone) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      phone,
      name: `SMS ${payload.SmsStatus}`,
      time: context.accepted_at,
      properties: {
        text: payload.Body,
      },
    },
  ],
};
