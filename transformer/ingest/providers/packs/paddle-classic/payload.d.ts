/** What Paddle Classic sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  alert_id?: string;
  alert_name?: string;
  email?: string;
  status?: string;
  subscription_id?: string;
  p_signature?: string;
}
