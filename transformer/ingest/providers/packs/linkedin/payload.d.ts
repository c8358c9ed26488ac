/** What LinkedIn sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  type?: string;
  notifications?: {
    notificationId?: number;
    organizationalEntity?: string;
    action?: string;
    lastModifiedAt?: number;
    decoratedSourcePost?: {
      entity?: string;
      owner?: string;
    };
  }[];
}
