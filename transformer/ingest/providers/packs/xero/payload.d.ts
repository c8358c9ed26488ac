/** What Xero sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  events?: {
    resourceUrl?: string;
    resourceId?: string;
    eventDateUtc?: string;
    eventType?: string;
    eventCategory?: string;
    tenantId?: string;
  }[];
  lastEventSequence?: number;
  firstEventSequence?: number;
  entropy?: string;
}
