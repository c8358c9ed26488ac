/** What Mailchimp Transactional (Mandrill) sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  mandrill_events?: string;
}
