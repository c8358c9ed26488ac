/** What Razorpay sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  entity?: string;
  account_id?: string;
  event?: string;
  contains?: string[];
  created_at?: number;
  payload?: {
    payment?: {
      entity?: {
        id?: string;
        amount?: number;
        currency?: string;
        email?: string;
      };
    };
  };
}
