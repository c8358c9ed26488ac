/** What Auth0 sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface PayloadItem {
  log_id?: string;
  data?: {
    date?: string;
    type?: string;
    client_name?: string;
    user_id?: string;
    user_name?: string;
    tenant_name?: string;
    log_id?: string;
  };
}

type Payload = PayloadItem[];
