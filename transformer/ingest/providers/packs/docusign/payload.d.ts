/** What Docusign sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  event?: string;
  apiVersion?: string;
  retryCount?: number;
  configurationId?: number;
  generatedDateTime?: string;
  data?: {
    accountId?: string;
    envelopeId?: string;
    envelopeSummary?: {
      status?: string;
      sender?: {
        email?: string;
      };
    };
  };
}
