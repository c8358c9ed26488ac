/** What Adyen sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  live?: string;
  notificationItems?: {
    NotificationRequestItem?: {
      additionalData?: {
        hmacSignature?: string;
      };
      amount?: {
        currency?: string;
        value?: number;
      };
      eventCode?: string;
      eventDate?: string;
      merchantAccountCode?: string;
      merchantReference?: string;
      paymentMethod?: string;
      pspReference?: string;
      success?: string;
    };
  }[];
}
