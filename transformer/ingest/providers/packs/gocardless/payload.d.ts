/** What GoCardless sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  events?: {
    id?: string;
    created_at?: string;
    resource_type?: string;
    action?: string;
    links?: {
      payment?: string;
    };
    resource_metadata?: {
      user_id?: string;
    };
  }[];
  meta?: {
    webhook_id?: string;
  };
}
