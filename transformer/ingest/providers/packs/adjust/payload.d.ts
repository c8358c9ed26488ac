/** What Adjust sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  adid?: string;
  activity_kind?: string;
  event?: string;
  created_at?: number;
  random?: string;
  partner_params?: {
    user_id?: string;
  };
}
