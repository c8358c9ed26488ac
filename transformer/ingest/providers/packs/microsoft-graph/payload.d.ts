/** What Microsoft Graph sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  value?: {
    id?: string;
    subscriptionId?: string;
    subscriptionExpirationDateTime?: string;
    clientState?: string;
    changeType?: string;
    resource?: string;
    tenantId?: string;
  }[];
}
