/** What HubSpot sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface PayloadItem {
  eventId?: number;
  subscriptionId?: number;
  portalId?: number;
  occurredAt?: number;
  subscriptionType?: string;
  objectId?: number;
  propertyName?: string;
  propertyValue?: string;
}

type Payload = PayloadItem[];
