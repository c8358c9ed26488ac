/** What Okta sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  eventType?: string;
  eventTypeVersion?: string;
  cloudEventsVersion?: string;
  source?: string;
  eventId?: string;
  eventTime?: string;
  contentType?: string;
  data?: {
    events?: {
      uuid?: string;
      eventType?: string;
      published?: string;
      target?: {
        id?: string;
        type?: string;
        alternateId?: string;
      }[];
    }[];
  };
}
