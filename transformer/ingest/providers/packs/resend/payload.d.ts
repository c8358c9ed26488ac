/** What Resend sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  type?: string;
  created_at?: string;
  data?: {
    email_id?: string;
    from?: string;
    to?: string[];
    subject?: string;
  };
}
