/** What X sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  for_user_id?: string;
  favorite_events?: {
    id?: string;
    created_at?: string;
    user?: {
      id_str?: string;
      screen_name?: string;
    };
  }[];
}
