/** What Checkout.com sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  id?: string;
  type?: string;
  created_on?: string;
  version?: string;
  _links?: {
    self?: {
      href?: string;
    };
  };
  data?: {
    id?: string;
    amount?: number;
    currency?: string;
    customer?: {
      email?: string;
    };
  };
}
