/** What Square sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  merchant_id?: string;
  type?: string;
  event_id?: string;
  created_at?: string;
  data?: {
    type?: string;
    id?: string;
    object?: {
      customer?: {
        id?: string;
        email_address?: string;
        given_name?: string;
      };
    };
  };
}
