// Salesforce Marketing Cloud: one event for each notification. A start: change what you want to keep.

return {
  events: payload.map((news) => ({
    email: news.info?.to ?? "",
    name: `Email ${news.eventCategoryType}`,
    time: new Date(news.timestampUTC ?? 0).toISOString(),
    properties: { composite_id: news.compositeId },
  })),
};
