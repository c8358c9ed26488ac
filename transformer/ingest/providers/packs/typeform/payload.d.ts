/** What Typeform sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  event_id?: string;
  event_type?: string;
  form_response?: {
    form_id?: string;
    token?: string;
    submitted_at?: string;
    answers?: {
      type?: string;
      email?: string;
      field?: {
        id?: string;
        type?: string;
        ref?: string;
      };
    }[];
  };
}
