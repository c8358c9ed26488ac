// SendGrid: one event for each thing that happened to an email. A start: change what you want to keep.

return {
  events: payload.map((news) => ({
    email: news.email ?? "",
    name: `Email ${news.event}`,
    time: new Date((news.timestamp ?? 0) * 1000).toISOString(),
    properties: { message_id: news.sg_message_id },
  })),
};
