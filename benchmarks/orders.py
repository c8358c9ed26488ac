"""What is sent, and what is made of it: the orders of a small shop."""

import orjson

PEOPLE = 10_000

ORDER = """
// An order: who bought, and what happened.
if (payload.type !== "order.created") return;
const order = payload.order;
const total = order.lines.reduce((sum, line) => sum + line.price * line.quantity, 0);
return {
  attributes: [
    {
      external_id: order.customer.id,
      _update_existing_only: false,
      email: order.customer.email,
      first_name: order.customer.first_name,
      last_order_total: total,
      orders: { inc: 1 },
    },
  ],
  events: [
    {
      external_id: order.customer.id,
      name: "order_created",
      time: order.created_at,
      properties: { number: order.number, total, currency: order.currency, lines: order.lines.length },
    },
  ],
};
"""


def order_body(number: int, *, lines: int = 4) -> bytes:
    """Make the body of one order webhook: about 1 KB with four lines, 400 bytes with none."""
    customer = number % PEOPLE
    return orjson.dumps(
        {
            "id": f"whk_{number:08d}",
            "type": "order.created",
            "shop": {"id": 4711, "domain": "tea-house.example", "plan": "standard"},
            "order": {
                "number": number,
                "created_at": "2026-01-15T09:30:00.000Z",
                "currency": "EUR",
                "customer": {
                    "id": f"customer-{customer}",
                    "email": f"customer-{customer}@example.com",
                    "first_name": "Ada",
                    "last_name": "Example",
                    "address": {"street": "1 Main Street", "city": "Lyon", "country": "FR"},
                },
                "lines": [
                    {
                        "sku": f"tea-{line}",
                        "title": "Green tea, first harvest",
                        "quantity": line + 1,
                        "price": 7.5 + line,
                        "properties": {"organic": True, "weight_g": 100 * (line + 1)},
                    }
                    for line in range(lines)
                ],
            },
        }
    )


def order_output(number: int) -> bytes:
    """Give what :data:`ORDER` returns for the order of that number, as the sandbox gives it."""
    order = orjson.loads(order_body(number))["order"]
    customer = order["customer"]
    total = sum(line["price"] * line["quantity"] for line in order["lines"])
    return orjson.dumps(
        {
            "attributes": [
                {
                    "external_id": customer["id"],
                    "_update_existing_only": False,
                    "email": customer["email"],
                    "first_name": customer["first_name"],
                    "last_order_total": int(total),
                    "orders": {"inc": 1},
                }
            ],
            "events": [
                {
                    "external_id": customer["id"],
                    "name": "order_created",
                    "time": order["created_at"],
                    "properties": {
                        "number": number,
                        "total": int(total),
                        "currency": order["currency"],
                        "lines": len(order["lines"]),
                    },
                }
            ],
        }
    )
