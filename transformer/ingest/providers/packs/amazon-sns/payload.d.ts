/** What Amazon SNS sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  Type?: string;
  MessageId?: string;
  TopicArn?: string;
  Subject?: string;
  Message?: string;
  Timestamp?: string;
  SignatureVersion?: string;
  Signature?: string;
  SigningCertURL?: string;
}
