/** What RudderStack sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  type?: string;
  event?: string;
  messageId?: string;
  rudderId?: string;
  userId?: string;
  anonymousId?: string;
  originalTimestamp?: string;
  channel?: string;
  properties?: {
    order_id?: string;
    revenue?: number;
  };
}
