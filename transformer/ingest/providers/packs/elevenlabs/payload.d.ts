/** What ElevenLabs sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  type?: string;
  event_timestamp?: number;
  data?: {
    agent_id?: string;
    conversation_id?: string;
    status?: string;
    user_id?: string;
    metadata?: {
      call_duration_secs?: number;
    };
  };
}
