/** What Front sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  type?: string;
  authorization?: {
    id?: string;
  };
  payload?: {
    id?: string;
    type?: string;
    emitted_at?: number;
    conversation?: {
      id?: string;
      subject?: string;
      recipient?: {
        handle?: string;
      };
    };
  };
}
