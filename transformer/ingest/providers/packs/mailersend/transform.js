// MailerSend: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.data?.email?.recipient?.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `MailerSend ${payload.type}`,
      time: payload.created_at ?? context.accepted_at,
      properties: {
        subject: payload.data?.email?.subject,
      },
    },
  ],
};
