// The loyalty programme tells us that a member's points or tier changed.

if (payload.type !== "member.updated") return;

const member = payload.member;
if (!member?.shop_customer_id) {
  throw new Error("The member is not linked to a customer: member.shop_customer_id is missing.");
}

return {
  attributes: [
    {
      external_id: member.shop_customer_id,
      email: member.email,
      first_name: member.first_name,

      // Fields given here are merged into the loyalty object that the profile already holds.
      // Without this line they would replace it, and all other fields in it would be gone.
      _merge_objects: true,
      loyalty: {
        points: member.points?.balance,
        tier: member.tier && {
          name: member.tier.name,
          since: { $time: member.tier.since }, // a real time, not just text that looks like one
        },
      },
    },
  ],
};
