/** What MailerSend sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  type?: string;
  domain_id?: string;
  webhook_id?: string;
  created_at?: string;
  data?: {
    object?: string;
    id?: string;
    type?: string;
    email?: {
      recipient?: {
        email?: string;
      };
      subject?: string;
    };
  };
}
