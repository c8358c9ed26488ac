/** What Client certificate (mTLS) sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  id?: string;
  user?: string;
}
