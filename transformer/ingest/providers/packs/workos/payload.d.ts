/** What WorkOS sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  id?: string;
  event?: string;
  created_at?: string;
  data?: {
    id?: string;
    object?: string;
    email?: string;
    state?: string;
  };
}
