/** What Zoom sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  event?: string;
  event_ts?: number;
  payload?: {
    account_id?: string;
    object?: {
      id?: string;
      topic?: string;
      participant?: {
        user_name?: string;
        email?: string;
        join_time?: string;
      };
    };
  };
}
