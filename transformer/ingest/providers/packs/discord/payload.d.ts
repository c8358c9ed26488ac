/** What Discord sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  version?: number;
  application_id?: string;
  type?: number;
  event?: {
    type?: string;
    timestamp?: string;
    data?: {
      integration_type?: number;
      scopes?: string[];
      user?: {
        id?: string;
        username?: string;
        global_name?: string;
      };
    };
  };
}
