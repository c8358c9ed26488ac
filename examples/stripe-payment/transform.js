// Stripe tells us that money has arrived: remember the payment and the purchase.

const payment = payload.data?.object;
const isPayment =
  payload.type === "payment_intent.succeeded" || payload.type === "charge.succeeded";
if (!isPayment) return; // Some other news from Stripe: nothing to do.

if (!payment) throw new Error("The payment itself is missing: data.object is empty.");

// One payment can be announced twice: as a payment intent, and as the charge that belongs to it.
// We count the payment intent, so a charge that belongs to one is left out.
if (payment.object === "charge" && payment.payment_intent) return;

const email = payment.billing_details?.email ?? payment.receipt_email;
if (!email) {
  throw new Error("The payer's email is missing: switch on email receipts in Stripe.");
}

// Stripe counts seconds since 1970; profiles want a readable time.
const time = new Date(payment.created * 1000).toISOString();

// Stripe gives amounts in the smallest unit: cents, or whole yen.
const WITHOUT_CENTS = ["JPY", "KRW", "VND", "CLP"];
const currency = payment.currency.toUpperCase();
const price = WITHOUT_CENTS.includes(currency) ? payment.amount : payment.amount / 100;

return {
  events: [
    {
      email,
      name: "Payment Succeeded",
      time,
      properties: { payment_id: payment.id, amount: price, currency },
    },
  ],
  purchases: [
    {
      email,
      // Our checkout writes the product into the payment's metadata.
      product_id: payment.metadata?.product_id ?? "unknown-product",
      currency,
      price,
      time,
    },
  ],
};
