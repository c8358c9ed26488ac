/** What BigCommerce sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  scope?: string;
  store_id?: string;
  data?: {
    type?: string;
    id?: number;
  };
  hash?: string;
  created_at?: number;
  producer?: string;
}
