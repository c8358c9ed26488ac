/** What mParticle sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  events?: {
    event_type?: string;
    data?: {
      event_name?: string;
      timestamp_unixtime_ms?: number;
    };
  }[];
  environment?: string;
  mpid?: string;
  source_request_id?: string;
  timestamp_unixtime_ms?: number;
  user_identities?: {
    identity_type?: string;
    identity?: string;
  }[];
}
