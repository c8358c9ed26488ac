// Mailchimp Transactional: one event for each thing that happened to an email. A start.

const news = JSON.parse(payload.mandrill_events ?? "[]");
if (news.length === 0) return; // Mandrill only tries whether we are there.

return {
  events: news.map((/** @type {{ event: string, ts: number, _id: string, msg: { email: string } }} */ one) => ({
    email: one.msg.email,
    name: `Email ${one.event}`,
    time: new Date(one.ts * 1000).toISOString(),
    properties: { message_id: one._id },
  })),
};
