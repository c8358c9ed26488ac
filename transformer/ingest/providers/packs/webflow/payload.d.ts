/** What Webflow sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  triggerType?: string;
  payload?: {
    id?: string;
    name?: string;
    siteId?: string;
    submittedAt?: string;
    data?: {
      Email?: string;
    };
  };
}
