/** What Pipedrive sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  data?: {
    id?: number;
    name?: string;
    emails?: {
      value?: string;
      primary?: boolean;
    }[];
  };
  meta?: {
    action?: string;
    company_id?: string;
    entity?: string;
    id?: string;
    timestamp?: string;
    version?: string;
  };
}
