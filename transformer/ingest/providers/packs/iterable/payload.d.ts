/** What Iterable sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  email?: string;
  userId?: string;
  eventName?: string;
  dataFields?: {
    campaignId?: number;
    campaignName?: string;
    messageId?: string;
    createdAt?: string;
  };
}
