// Adyen: one event for each payment notification. A start: order references are our users' orders here.

const items = (payload.notificationItems ?? []).map((item) => item.NotificationRequestItem);

return {
  events: items.map((item) => ({
    external_id: item?.merchantReference ?? "",
    name: `Adyen ${item?.eventCode}`,
    time: item?.eventDate ?? context.accepted_at,
    properties: { amount: (item?.amount?.value ?? 0) / 100, success: item?.success === "true" },
  })),
};
