// Amplitude: one event for each webhook. A start: change who the user is, and what you want to keep.

const id = payload.user_id;
if (id == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      external_id: String(id),
      name: payload.event_type ?? "Amplitude event",
      time: context.accepted_at,
      properties: {
        colour: payload.event_properties?.colour,
      },
    },
  ],
};
