/** What Sanity sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  _id?: string;
  _type?: string;
  _rev?: string;
  _updatedAt?: string;
  title?: string;
}
