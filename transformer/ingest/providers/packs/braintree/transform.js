// Braintree: the news itself is XML in base64. A start: it tells what kind of news came.

const xml = atob((payload.bt_payload ?? "").trim());
const kind = xml.match(/<kind>([^<]+)<\/kind>/)?.[1];
const subscription = xml.match(/<subscription>\s*<id>([^<]+)<\/id>/)?.[1];
if (!kind || !subscription) return; // News of nobody that we could know: nothing to do.

return {
  events: [
    {
      user_alias: { alias_name: subscription, alias_label: "braintree-subscription" },
      _update_existing_only: false, // so that a new subscription makes a new profile
      name: `Braintree ${kind}`,
      time: context.accepted_at,
    },
  ],
};
