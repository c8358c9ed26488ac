/** What Vercel sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  id?: string;
  type?: string;
  createdAt?: number;
  region?: string;
  payload?: {
    team?: {
      id?: string;
    };
    user?: {
      id?: string;
    };
    deployment?: {
      id?: string;
      name?: string;
    };
  };
}
