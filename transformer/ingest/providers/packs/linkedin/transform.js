// LinkedIn: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.notifications?.[0]?.decoratedSourcePost?.owner;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "linkedin" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: `LinkedIn ${payload.notifications?.[0]?.action}`,
      time: new Date(payload.notifications?.[0]?.lastModifiedAt ?? 0).toISOString(),
      properties: {
        post: payload.notifications?.[0]?.decoratedSourcePost?.entity,
      },
    },
  ],
};
