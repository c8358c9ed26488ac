/** What AppsFlyer sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  app_id?: string;
  appsflyer_id?: string;
  event_name?: string;
  event_time?: string;
  customer_user_id?: string;
  event_revenue?: string;
  event_revenue_currency?: string;
}
