/** What Salesforce Marketing Cloud sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface PayloadItem {
  eventCategoryType?: string;
  timestampUTC?: number;
  compositeId?: string;
  mid?: number;
  eid?: number;
  composite?: {
    jobId?: string;
    email?: string;
  };
  info?: {
    to?: string;
  };
}

type Payload = PayloadItem[];
