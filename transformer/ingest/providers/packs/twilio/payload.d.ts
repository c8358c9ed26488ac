/** What Twilio sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  AccountSid?: string;
  MessageSid?: string;
  SmsStatus?: string;
  From?: string;
  To?: string;
  Body?: string;
}
