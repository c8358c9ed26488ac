/** What Clerk sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  type?: string;
  object?: string;
  timestamp?: number;
  instance_id?: string;
  data?: {
    id?: string;
    object?: string;
    first_name?: string;
    primary_email_address_id?: string;
    email_addresses?: {
      id?: string;
      email_address?: string;
    }[];
  };
}
