/** What Customer.io sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  event_id?: string;
  object_type?: string;
  metric?: string;
  timestamp?: number;
  data?: {
    customer_id?: string;
    email_address?: string;
    subject?: string;
    delivery_id?: string;
  };
}
