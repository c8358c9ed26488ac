/** What Salesforce sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  type?: string;
  id?: string;
  LastModifiedDate?: string;
  Email?: string;
  LeadSource?: string;
}
