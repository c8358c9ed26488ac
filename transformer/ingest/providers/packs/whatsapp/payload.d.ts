/** What WhatsApp Business sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  object?: string;
  entry?: {
    id?: string;
    changes?: {
      field?: string;
      value?: {
        messaging_product?: string;
        contacts?: {
          wa_id?: string;
          profile?: {
            name?: string;
          };
        }[];
        messages?: {
          from?: string;
          id?: string;
          timestamp?: string;
          type?: string;
          text?: {
            body?: string;
          };
        }[];
      };
    }[];
  }[];
}
