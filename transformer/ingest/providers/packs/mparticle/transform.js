// mParticle: one event for each webhook. A start: change who the user is, and what you want to keep.

const id = payload.user_identities?.find((one) => one.identity_type === "customer_id")?.identity;
if (id == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      external_id: String(id),
      name: payload.events?.[0]?.data?.event_name ?? "mParticle event",
      time: new Date(payload.timestamp_unixtime_ms ?? 0).toISOString(),
      properties: {
        environment: payload.environment,
      },
    },
  ],
};
