// Orders as the recommended events ecommerce.order_placed, order_cancelled and order_refunded.

const created = headers["X-WC-Webhook-Topic"] === "order.created";
const NAMES = { cancelled: "ecommerce.order_cancelled", refunded: "ecommerce.order_refunded" };
const name = created ? "ecommerce.order_placed" : NAMES[payload.status];
if (!name) return; // Of the changes of an order, only these two ends are told.

if (!Array.isArray(payload.line_items)) {
  throw new Error(`Order ${payload.number} has no list of products: line_items is missing.`);
}

// What every recommended event of an order has. WooCommerce writes amounts as text, ids as numbers.
const order = {
  order_id: String(payload.id),
  currency: payload.currency,
  total_discounts: Number(payload.discount_total),
  discounts: payload.coupon_lines.map((coupon) => ({
    code: coupon.code,
    amount: Number(coupon.discount),
  })),
  products: payload.line_items.map((line) => ({
    product_id: String(line.product_id),
    product_name: line.parent_name ?? line.name,
    variant_id: String(line.variation_id || line.product_id), // a product of one kind has no variations
    quantity: line.quantity,
    price: Number(line.price), // the price of one
    ...(line.image?.src && { image_url: line.image.src }), // an empty text is no URL
    metadata: { sku: line.sku },
  })),
  source: headers["X-WC-Webhook-Source"] ?? "woocommerce",
  metadata: { order_number: payload.number, payment_method: payload.payment_method },
};

// What only some of them have. Nothing else may stand there: the rest belongs into metadata.
const details = {
  "ecommerce.order_placed": () => amounts(),
  "ecommerce.order_cancelled": () => ({
    ...amounts(),
    cancel_reason: payload.customer_note || "not given",
  }),
  "ecommerce.order_refunded": () => ({
    total_value: payload.refunds.reduce((sum, refund) => sum - Number(refund.total), 0), // "-54.90"
  }),
};

function amounts() {
  return {
    total_value: Number(payload.total),
    tax: Number(payload.total_tax),
    shipping: Number(payload.shipping_total),
  };
}

// Guests have the number 0, and are known by their address.
const person = payload.customer_id
  ? { external_id: String(payload.customer_id) }
  : { email: payload.billing.email };

return {
  events: [
    {
      ...person,
      name,
      time: `${created ? payload.date_created_gmt : payload.date_modified_gmt}Z`, // without a zone it is UTC
      properties: { ...order, ...details[name]() },
    },
  ],
};
