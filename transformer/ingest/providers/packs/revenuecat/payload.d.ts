/** What RevenueCat sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  api_version?: string;
  event?: {
    id?: string;
    type?: string;
    app_user_id?: string;
    product_id?: string;
    price?: number;
    currency?: string;
    event_timestamp_ms?: number;
  };
}
