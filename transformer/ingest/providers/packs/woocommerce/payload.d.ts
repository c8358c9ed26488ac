/** What WooCommerce sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  id?: number;
  status?: string;
  currency?: string;
  total?: string;
  date_modified_gmt?: string;
  billing?: {
    email?: string;
  };
  line_items?: {
    id?: number;
    sku?: string;
    quantity?: number;
    price?: number;
  }[];
}
