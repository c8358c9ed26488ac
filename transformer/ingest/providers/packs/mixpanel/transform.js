// Mixpanel: members of a cohort are added to a list on their profiles, or taken from it. A start.

const cohort = payload.parameters?.mixpanel_cohort_name ?? "";
const members = payload.parameters?.members ?? [];
if (members.length === 0) return; // Nobody came or went: nothing to do.

return {
  attributes: members.map((member) => ({
    external_id: member.mixpanel_distinct_id ?? "",
    cohorts: payload.action === "remove_members" ? { remove: [cohort] } : { add: [cohort] },
  })),
};
