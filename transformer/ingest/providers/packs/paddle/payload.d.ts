/** What Paddle Billing sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  event_id?: string;
  event_type?: string;
  occurred_at?: string;
  notification_id?: string;
  data?: {
    id?: string;
    status?: string;
    customer_id?: string;
    custom_data?: {
      user_id?: string;
    };
  };
}
