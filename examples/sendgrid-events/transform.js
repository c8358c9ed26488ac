// SendGrid reports what became of our emails: a list with many reports in one webhook.

if (!Array.isArray(payload)) {
  throw new Error("A list of reports was expected; set the webhook to SendGrid's Event Webhook.");
}

// The reports we care about, and what we call them. All others are left out.
const NAMES = {
  open: "Email Opened",
  click: "Email Link Clicked",
  unsubscribe: "Email Unsubscribed",
  group_unsubscribe: "Email Unsubscribed",
  spamreport: "Email Marked as Spam",
};

const reports = payload.filter((report) => Object.hasOwn(NAMES, report.event));
if (reports.length === 0) return;

// Who unsubscribes from one group of emails may still want the others.
const wantsNoEmail = (report) => report.event === "unsubscribe" || report.event === "spamreport";

return {
  attributes: reports.filter(wantsNoEmail).map((report) => ({
    email: report.email,
    email_subscribe: "unsubscribed",
  })),
  events: reports.map((report) => ({
    email: report.email,
    name: NAMES[report.event],
    time: new Date(report.timestamp * 1000).toISOString(), // seconds since 1970
    properties: { link: report.url, campaign: report.category },
  })),
};
