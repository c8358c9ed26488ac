// Braintree: the news itself is XML in base64. A start: it tells what kind of news came.

const xml = atob((payload.bt_payload ?? "").trim());
const kind = xml.match(/<kind>([^<]+)<\/kind>/)?.[1];
const email = xml.match(/<email>([^<]+)<\/email>/)?.[1];
if (!kind || !email) return; // News of nobody that we could know: nothing to do.

return { events: [{ email, name: `Braintree ${kind}`, time: context.accepted_at }] };
