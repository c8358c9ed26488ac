// Dropbox Sign: one event for each callback. A start: change who the user is, and what you want to keep.

const news = JSON.parse(payload.json ?? "{}");
const email = news.signature_request?.signatures?.[0]?.signer_email_address;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `Dropbox Sign ${news.event.event_type}`,
      time: new Date(Number(news.event.event_time) * 1000).toISOString(),
      properties: { title: news.signature_request.title },
    },
  ],
};
