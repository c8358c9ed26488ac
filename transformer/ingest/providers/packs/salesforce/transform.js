// Salesforce: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.Email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Salesforce ${payload.type}`,
      time: payload.LastModifiedDate ?? context.accepted_at,
      properties: {
        source: payload.LeadSource,
      },
    },
  ],
};
