/** What Chargebee sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  id?: string;
  object?: string;
  event_type?: string;
  occurred_at?: number;
  source?: string;
  webhook_status?: string;
  content?: {
    subscription?: {
      id?: string;
      plan_id?: string;
    };
    customer?: {
      id?: string;
      email?: string;
    };
  };
}
