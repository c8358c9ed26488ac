/** What Mailgun sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  signature?: {
    token?: string;
    timestamp?: string;
    signature?: string;
  };
  "event-data"?: {
    event?: string;
    id?: string;
    timestamp?: number;
    recipient?: string;
  };
}
