/** What Branch sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  id?: string;
  name?: string;
  timestamp?: number;
  user_data?: {
    developer_identity?: string;
    platform?: string;
  };
  event_data?: {
    revenue?: number;
    currency?: string;
  };
  last_attributed_touch_data?: {
    "~channel"?: string;
  };
}
