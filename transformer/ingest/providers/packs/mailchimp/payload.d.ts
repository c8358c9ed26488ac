/** What Mailchimp sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  type?: string;
  fired_at?: string;
  "data[id]"?: string;
  "data[list_id]"?: string;
  "data[email]"?: string;
}
