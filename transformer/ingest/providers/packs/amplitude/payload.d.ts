/** What Amplitude sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  event_type?: string;
  user_id?: string;
  amplitude_id?: number;
  event_time?: string;
  insert_id?: string;
  event_properties?: {
    colour?: string;
  };
}
