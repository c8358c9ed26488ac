/** What Shopify sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  id?: number;
  admin_graphql_api_id?: string;
  email?: string;
  created_at?: string;
  updated_at?: string;
  currency?: string;
  total_price?: string;
  line_items?: {
    id?: number;
    sku?: string;
    title?: string;
    quantity?: number;
    price?: string;
  }[];
}
