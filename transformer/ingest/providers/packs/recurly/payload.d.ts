/** What Recurly sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  id?: string;
  object_type?: string;
  site_id?: string;
  event_type?: string;
  event_time?: string;
  account_code?: string;
}
