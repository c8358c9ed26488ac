// Contentful: one event for each webhook. A start: change who the user is, and what you want to keep.

const login = payload.sys?.id;
if (login == null) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: String(login), alias_label: "contentful" },
      _update_existing_only: false, // so that a new login makes a new profile
      name: `Contentful ${headers["X-Contentful-Topic"]}`,
      time: payload.sys?.updatedAt ?? context.accepted_at,
      properties: {
        title: payload.fields?.title?.["en-US"],
      },
    },
  ],
};
