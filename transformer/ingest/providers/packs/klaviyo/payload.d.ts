/** What Klaviyo sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  data?: {
    external_id?: string;
    topic?: string;
    payload?: {
      data?: {
        type?: string;
        id?: string;
        attributes?: {
          datetime?: string;
        };
      };
      included?: {
        type?: string;
        id?: string;
        attributes?: {
          email?: string;
        };
      }[];
    };
  }[];
  meta?: {
    timestamp?: string;
    version?: string;
  };
}
