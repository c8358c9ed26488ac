/** What Lemon Squeezy sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  meta?: {
    event_name?: string;
    webhook_id?: string;
    custom_data?: {
      user_id?: string;
    };
  };
  data?: {
    type?: string;
    id?: string;
    attributes?: {
      store_id?: number;
      user_email?: string;
      total?: number;
      currency?: string;
      updated_at?: string;
    };
  };
}
