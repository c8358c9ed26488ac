// Amazon SNS: the message itself is a text. A start: here it is JSON with an email.

const message = JSON.parse(payload.Message ?? "{}");
if (!message.email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email: message.email,
      name: payload.Subject ?? "SNS message",
      time: payload.Timestamp ?? context.accepted_at,
      properties: { total: message.total },
    },
  ],
};
