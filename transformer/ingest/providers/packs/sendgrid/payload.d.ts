/** What SendGrid sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface PayloadItem {
  email?: string;
  timestamp?: number;
  event?: string;
  sg_event_id?: string;
  sg_message_id?: string;
}

type Payload = PayloadItem[];
