/** What Telegram sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  update_id?: number;
  message?: {
    message_id?: number;
    date?: number;
    from?: {
      id?: number;
      first_name?: string;
      username?: string;
    };
    chat?: {
      id?: number;
      type?: string;
    };
    text?: string;
  };
}
