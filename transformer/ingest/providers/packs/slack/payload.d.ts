/** What Slack sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  token?: string;
  team_id?: string;
  api_app_id?: string;
  event?: {
    type?: string;
    user?: {
      id?: string;
      profile?: {
        email?: string;
      };
    };
  };
  type?: string;
  event_id?: string;
  event_time?: number;
}
