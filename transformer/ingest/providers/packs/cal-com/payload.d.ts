/** What Cal.com sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  triggerEvent?: string;
  createdAt?: string;
  payload?: {
    uid?: string;
    title?: string;
    startTime?: string;
    attendees?: {
      email?: string;
      name?: string;
    }[];
  };
}
