// SparkPost: one event for each thing that happened to an email. A start: change what you want to keep.

const news = payload.map((one) => one.msys?.message_event).filter((one) => one?.rcpt_to);
if (news.length === 0) return; // SparkPost only tries whether we are there.

return {
  events: news.map((one) => ({
    email: one?.rcpt_to ?? "",
    name: `Email ${one?.type}`,
    time: new Date(Number(one?.timestamp) * 1000).toISOString(),
    properties: { subject: one?.subject },
  })),
};
