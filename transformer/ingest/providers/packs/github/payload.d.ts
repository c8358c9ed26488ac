/** What GitHub sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  action?: string;
  starred_at?: string;
  sender?: {
    login?: string;
    id?: number;
    url?: string;
  };
  repository?: {
    id?: number;
    full_name?: string;
    stargazers_count?: number;
  };
}
