/** What TikTok sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  client_key?: string;
  event?: string;
  create_time?: number;
  user_openid?: string;
  content?: string;
}
