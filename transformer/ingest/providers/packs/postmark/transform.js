// Postmark: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.Recipient;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Email ${payload.RecordType}`,
      time: payload.DeliveredAt ?? context.accepted_at,
      properties: {
        message_id: payload.MessageID,
      },
    },
  ],
};
