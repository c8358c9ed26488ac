/** What Sentry sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  action?: string;
  installation?: {
    uuid?: string;
  };
  data?: {
    issue?: {
      id?: string;
      title?: string;
      level?: string;
    };
  };
  actor?: {
    type?: string;
    id?: number;
    name?: string;
  };
}
