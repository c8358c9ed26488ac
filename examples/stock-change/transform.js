// The stock of one variant changed: change these two fields of its catalog item, nothing else.

const stock = payload.inventory_quantity;
if (!payload.sku) throw new Error(`Variant ${payload.id} has no SKU, so its item cannot be found.`);
if (typeof stock !== "number") throw new Error(`The stock of ${payload.sku} is missing.`);

if (stock === payload.old_inventory_quantity) return; // Something else about it changed.

return {
  catalog_name: "products",
  items: [{ id: payload.sku, stock, in_stock: stock > 0 }],
};
