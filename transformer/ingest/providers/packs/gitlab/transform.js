// GitLab: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.user?.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: `GitLab ${payload.object_kind}`,
      time: context.accepted_at,
      properties: {
        project: payload.project?.path_with_namespace,
        action: payload.object_attributes?.action,
      },
    },
  ],
};
