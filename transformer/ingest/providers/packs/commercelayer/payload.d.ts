/** What Commerce Layer sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  data?: {
    id?: string;
    type?: string;
    attributes?: {
      number?: string;
      customer_email?: string;
      total_amount_float?: number;
      currency_code?: string;
      updated_at?: string;
    };
  };
}
