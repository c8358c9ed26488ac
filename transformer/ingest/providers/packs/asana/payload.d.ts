/** What Asana sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  events?: {
    user?: {
      gid?: string;
      resource_type?: string;
    };
    resource?: {
      gid?: string;
      resource_type?: string;
      resource_subtype?: string;
    };
    action?: string;
    created_at?: string;
  }[];
}
