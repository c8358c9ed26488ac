// WhatsApp Business: one event for each webhook. A start: change who the user is, and what you want to keep.

const phone = payload.entry?.[0]?.changes?.[0]?.value?.messages?.[0]?.from && `+${payload.entry[0].changes?.[0]?.value?.messages?.[0]?.from}`;
if (!phone) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      phone,
      name: "WhatsApp Message",
      time: context.accepted_at,
      properties: {
        text: payload.entry?.[0]?.changes?.[0]?.value?.messages?.[0]?.text?.body,
      },
    },
  ],
};
