/** What LINE sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  destination?: string;
  events?: {
    type?: string;
    webhookEventId?: string;
    timestamp?: number;
    mode?: string;
    source?: {
      type?: string;
      userId?: string;
    };
  }[];
}
