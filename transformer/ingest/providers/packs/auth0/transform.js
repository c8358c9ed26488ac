// Auth0: one event for each entry of the log that has a user. A start: "s" is a sign-in.

const entries = payload.filter((entry) => entry.data?.user_id);
if (entries.length === 0) return; // Nobody that this is about: nothing to do.

return {
  events: entries.map((entry) => ({
    external_id: entry.data?.user_id ?? "",
    name: `Auth0 ${entry.data?.type}`,
    time: entry.data?.date ?? context.accepted_at,
    properties: { client: entry.data?.client_name },
  })),
};
