/** What Notion sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  id?: string;
  timestamp?: string;
  workspace_id?: string;
  subscription_id?: string;
  integration_id?: string;
  type?: string;
  authors?: {
    id?: string;
    type?: string;
  }[];
  attempt_number?: number;
  entity?: {
    id?: string;
    type?: string;
  };
  data?: {
  };
}
