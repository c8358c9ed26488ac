// Docusign: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.data?.envelopeSummary?.sender?.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Docusign ${payload.event}`,
      time: payload.generatedDateTime ?? context.accepted_at,
      properties: {
        envelope: payload.data?.envelopeId,
      },
    },
  ],
};
