/** What Intercom sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  type?: string;
  app_id?: string;
  topic?: string;
  id?: string;
  created_at?: number;
  data?: {
    type?: string;
    item?: {
      type?: string;
      id?: string;
      external_id?: string;
      email?: string;
      role?: string;
    };
  };
}
