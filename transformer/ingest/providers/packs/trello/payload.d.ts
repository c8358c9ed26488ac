/** What Trello sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  action?: {
    id?: string;
    idMemberCreator?: string;
    type?: string;
    date?: string;
    data?: {
      card?: {
        id?: string;
        name?: string;
      };
    };
    memberCreator?: {
      id?: string;
      username?: string;
    };
  };
  model?: {
    id?: string;
    name?: string;
  };
}
