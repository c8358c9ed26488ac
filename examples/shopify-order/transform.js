// A paid order: update the customer, remember the order, and count each product bought.

if (payload.test) return; // The shop's own test orders are no revenue.

const customer = payload.customer;
if (!customer?.id) throw new Error(`Order ${payload.name} has no customer.`);
if (!Array.isArray(payload.line_items)) {
  throw new Error(`Order ${payload.name} has no list of products: line_items is missing.`);
}

// Ids are numbers at Shopify and texts in a profile.
const external_id = String(customer.id);
const time = payload.processed_at ?? payload.created_at;
const address = customer.default_address;

return {
  attributes: [
    {
      external_id,
      email: customer.email,
      first_name: customer.first_name,
      last_name: customer.last_name,
      home_city: address?.city,
      country: address?.country_code,
      orders_placed: { inc: 1 }, // adds one to what the profile holds
    },
  ],
  events: [
    {
      external_id,
      name: "Order Placed",
      time,
      properties: {
        order_number: payload.name,
        total: Number(payload.total_price), // Shopify writes amounts as text
        currency: payload.currency,
        discount_codes: payload.discount_codes?.map((discount) => discount.code),
      },
    },
  ],
  // One purchase for each line of the order, however many there are.
  purchases: payload.line_items.map((line) => ({
    external_id,
    product_id: line.sku || String(line.product_id),
    currency: payload.currency,
    price: Number(line.price), // the price of one
    quantity: line.quantity,
    time,
    properties: { title: line.title, variant: line.variant_title },
  })),
};
