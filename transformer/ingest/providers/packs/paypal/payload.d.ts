/** What PayPal sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  id?: string;
  event_version?: string;
  create_time?: string;
  resource_type?: string;
  event_type?: string;
  summary?: string;
  resource?: {
    id?: string;
    amount?: {
      currency_code?: string;
      value?: string;
    };
    custom_id?: string;
  };
}
