/** What Braintree sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  bt_signature?: string;
  bt_payload?: string;
}
