/** What Calendly sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  event?: string;
  created_at?: string;
  created_by?: string;
  payload?: {
    email?: string;
    name?: string;
    status?: string;
    uri?: string;
    scheduled_event?: {
      name?: string;
      start_time?: string;
    };
  };
}
