/** What Meta (Facebook, Instagram, Messenger) sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  object?: string;
  entry?: {
    id?: string;
    time?: number;
    changes?: {
      field?: string;
      value?: {
        leadgen_id?: string;
        page_id?: string;
        created_time?: number;
      };
    }[];
  }[];
}
