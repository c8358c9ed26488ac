/** What Stripe sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  id?: string;
  object?: string;
  api_version?: string;
  created?: number;
  type?: string;
  livemode?: boolean;
  data?: {
    object?: {
      id?: string;
      object?: string;
      amount_total?: number;
      currency?: string;
      customer_details?: {
        email?: string;
      };
    };
  };
}
