/** What Tealium sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  event_name?: string;
  visitor?: {
    visitor_id?: string;
    email?: string;
  };
  order_id?: string;
  order_total?: number;
}
