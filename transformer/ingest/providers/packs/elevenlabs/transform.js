// ElevenLabs: one event for each webhook. A start: change who the user is, and what you want to keep.

const id = payload.data?.user_id;
if (id == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      external_id: String(id),
      name: `ElevenLabs ${payload.type}`,
      time: new Date((payload.event_timestamp ?? 0) * 1000).toISOString(),
      properties: {
        seconds: payload.data?.metadata?.call_duration_secs,
      },
    },
  ],
};
