/** What SparkPost sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface PayloadItem {
  msys?: {
    message_event?: {
      type?: string;
      event_id?: string;
      rcpt_to?: string;
      timestamp?: string;
      subject?: string;
    };
  };
}

type Payload = PayloadItem[];
