/** What Zendesk sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  account_id?: number;
  id?: string;
  type?: string;
  time?: string;
  subject?: string;
  detail?: {
    id?: string;
    email?: string;
    role?: string;
  };
  event?: {
  };
}
