// PagerDuty: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.event?.agent?.id;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "pagerduty" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: `PagerDuty ${payload.event?.event_type}`,
      time: payload.event?.occurred_at ?? context.accepted_at,
      properties: {
        title: payload.event?.data?.title,
      },
    },
  ],
};
