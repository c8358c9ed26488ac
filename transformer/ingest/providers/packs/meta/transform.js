// Meta (Facebook, Instagram, Messenger): one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.entry?.[0]?.changes?.[0]?.value?.leadgen_id;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "meta-lead" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: `Meta ${payload.object}`,
      time: context.accepted_at,
      properties: {
        page: payload.entry?.[0]?.id,
      },
    },
  ],
};
