/** What Bitbucket sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  actor?: {
    display_name?: string;
    account_id?: string;
    type?: string;
  };
  repository?: {
    type?: string;
    full_name?: string;
    links?: {
      html?: {
        href?: string;
      };
    };
  };
  push?: {
    changes?: {
      new?: {
        name?: string;
        type?: string;
      };
    }[];
  };
}
