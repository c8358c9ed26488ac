/** What Segment sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  type?: string;
  event?: string;
  messageId?: string;
  userId?: string;
  anonymousId?: string;
  timestamp?: string;
  receivedAt?: string;
  context?: {
    library?: {
      name?: string;
      version?: string;
    };
    traits?: {
      email?: string;
    };
  };
  properties?: {
    order_id?: string;
    revenue?: number;
  };
}
