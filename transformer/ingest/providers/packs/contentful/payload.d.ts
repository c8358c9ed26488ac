/** What Contentful sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  sys?: {
    type?: string;
    id?: string;
    space?: {
      sys?: {
        id?: string;
      };
    };
    contentType?: {
      sys?: {
        id?: string;
      };
    };
    updatedAt?: string;
    revision?: number;
  };
  fields?: {
    title?: {
      "en-US"?: string;
    };
    price?: {
      "en-US"?: number;
    };
  };
}
