/** What Jira sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  timestamp?: number;
  webhookEvent?: string;
  user?: {
    accountId?: string;
    displayName?: string;
  };
  issue?: {
    id?: string;
    key?: string;
    fields?: {
      summary?: string;
    };
  };
}
