/** What Postmark sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  RecordType?: string;
  MessageStream?: string;
  ServerID?: number;
  MessageID?: string;
  Recipient?: string;
  DeliveredAt?: string;
}
