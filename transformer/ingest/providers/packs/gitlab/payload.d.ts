/** What GitLab sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  object_kind?: string;
  event_type?: string;
  user?: {
    id?: number;
    name?: string;
    username?: string;
    email?: string;
  };
  project?: {
    id?: number;
    path_with_namespace?: string;
  };
  object_attributes?: {
    id?: number;
    title?: string;
    state?: string;
    action?: string;
  };
}
