/** What Twitch sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  subscription?: {
    id?: string;
    type?: string;
    version?: string;
    status?: string;
    transport?: {
      method?: string;
    };
    created_at?: string;
  };
  event?: {
    user_id?: string;
    user_login?: string;
    user_name?: string;
    broadcaster_user_id?: string;
    followed_at?: string;
  };
}
