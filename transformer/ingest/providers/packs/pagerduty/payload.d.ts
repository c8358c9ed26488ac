/** What PagerDuty sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  event?: {
    id?: string;
    event_type?: string;
    resource_type?: string;
    occurred_at?: string;
    agent?: {
      id?: string;
      type?: string;
    };
    data?: {
      id?: string;
      type?: string;
      title?: string;
      urgency?: string;
    };
  };
}
