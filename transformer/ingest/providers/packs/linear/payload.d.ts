/** What Linear sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  action?: string;
  type?: string;
  actor?: {
    id?: string;
    type?: string;
    name?: string;
    email?: string;
  };
  createdAt?: string;
  data?: {
    id?: string;
    title?: string;
    priority?: number;
  };
  url?: string;
  organizationId?: string;
  webhookId?: string;
  webhookTimestamp?: number;
}
