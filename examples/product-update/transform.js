// A product was created or changed in the shop: write each of its variants into the catalog.

if (payload.status !== "active") return; // Drafts and archived products stay out of messages.

if (!Array.isArray(payload.variants)) {
  throw new Error(`Product "${payload.title}" has no variants.`);
}

return {
  catalog_name: "products",
  items: payload.variants.map((variant) => {
    // The article number is the item's id, here and when the stock changes.
    if (!variant.sku) throw new Error(`A variant of "${payload.title}" has no SKU.`);
    return {
      id: variant.sku,
      name: payload.title,
      variant: variant.title,
      price: Number(variant.price), // Shopify writes prices as text
      stock: variant.inventory_quantity,
      in_stock: variant.inventory_quantity > 0,
      tags: payload.tags.split(", ").filter(Boolean), // "a, b" becomes a list
      updated_at: payload.updated_at,
    };
  }),
};
