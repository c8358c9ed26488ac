"""What events and purchases leave on a profile: how many, the first, the last (braze.md §2.1)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from transformer.delivery import Problem
from transformer.operation import JsonObject
from transformer.writer.currencies import CURRENCIES
from transformer.writer.identity import shown
from transformer.writer.pointers import pointer_to
from transformer.writer.profile import Profile
from transformer.writer.properties import read_properties
from transformer.writer.times import read_time
from transformer.writer.values import MAX_TEXT_LENGTH

MAX_QUANTITY = 100
MAX_PRICE = 1e12
MAX_PRODUCTS = 5_000
_REVENUE_DIGITS = 6  # sums of floats: 0.1 + 0.2 is to read 0.3

_IDENTIFIERS = {"external_id", "user_alias", "braze_id", "email", "phone"}
_COMMON_FIELDS = _IDENTIFIERS | {"_update_existing_only", "app_id", "time", "properties"}
_EVENT_FIELDS = frozenset(_COMMON_FIELDS | {"name"})
_PURCHASE_FIELDS = frozenset(_COMMON_FIELDS | {"product_id", "currency", "price", "quantity"})
_EVENT_RESERVED = frozenset({"time", "event_name"})
_PURCHASE_RESERVED = frozenset(
    {"time", "product_id", "quantity", "event_name", "price", "currency"}
)
_EVENT_BYTES = 100 * 1024
_PURCHASE_BYTES = 50 * 1024


@dataclass(slots=True)
class Happened:
    """An event or a purchase as the profile remembers it.

    Args:
        name: the event's name, or the product's id.
        time: when, in the store's form, and not in the future.
        count: how often: a purchase's quantity, else 1.
        revenue: price times quantity, else 0.
    """

    name: str
    time: str
    count: int = 1
    revenue: float = 0
    warnings: Sequence[Problem] = ()


def read_event(described: JsonObject, *, pointer: str, now: str) -> Happened | Problem:
    """Read an events object, or say why it is rejected."""
    name = described.get("name")
    if not _is_name(name):
        return _invalid("invalid_event", "name", name, _NAME, pointer)
    time = read_time(described.get("time"))
    if time is None:
        return _invalid_time(described, pointer)
    warnings = read_properties(
        described, reserved=_EVENT_RESERVED, max_bytes=_EVENT_BYTES, pointer=pointer
    )
    if isinstance(warnings, Problem):
        return warnings
    if not _EVENT_FIELDS.issuperset(described):
        warnings += _ignored(described, _EVENT_FIELDS, pointer)
    return Happened(name, min(time, now), warnings=warnings)


def read_purchase(  # noqa: PLR0911 - one a field
    described: JsonObject, *, pointer: str, now: str, products: Collection[str] = ()
) -> Happened | Problem:
    """Read a purchases object, or say why it is rejected.

    Args:
        described: the purchases object.
        pointer: where it stands in its delivery.
        now: the time of the batch, as the store keeps it.
        products: those that the profile has bought before.
    """
    price, quantity = described.get("price"), described.get("quantity", 1)
    product_id = described.get("product_id")
    if not _is_name(product_id):
        return _invalid("invalid_purchase", "product_id", product_id, _NAME, pointer)
    if not _is_price(price):
        return _invalid("invalid_purchase", "price", price, _PRICE, pointer)
    if not _is_quantity(quantity):
        return _invalid("invalid_purchase", "quantity", quantity, _QUANTITY, pointer)
    currency = described.get("currency")
    if not _is_currency(currency):
        return _invalid("invalid_currency", "currency", currency, _CURRENCY, pointer)
    time = read_time(described.get("time"))
    if time is None:
        return _invalid_time(described, pointer)
    warnings = read_properties(
        described, reserved=_PURCHASE_RESERVED, max_bytes=_PURCHASE_BYTES, pointer=pointer
    )
    if isinstance(warnings, Problem):
        return warnings
    if not _PURCHASE_FIELDS.issuperset(described):
        warnings += _ignored(described, _PURCHASE_FIELDS, pointer)
    if len(products) >= MAX_PRODUCTS and product_id not in products:
        warnings.append(_one_too_many(product_id, pointer))
    return Happened(product_id, min(time, now), quantity, price * quantity, warnings)


def count_event(profile: Profile, event: Happened) -> None:
    """Remember an event on its profile."""
    _count(profile.custom_events, event)


def count_purchase(profile: Profile, purchase: Happened) -> None:
    """Remember a purchase on its profile, and add up the revenue, whatever the currency."""
    if purchase.name in profile.purchases or len(profile.purchases) < MAX_PRODUCTS:
        _count(profile.purchases, purchase)
    profile.total_revenue = added_revenue(profile.total_revenue, purchase.revenue)


def added_revenue(total: float, more: float) -> float:
    """Add up two amounts of money."""
    return round(total + more, _REVENUE_DIGITS)


def _count(summaries: dict[str, JsonObject], happened: Happened) -> None:
    held = summaries.get(happened.name)
    if held is None:
        summaries[happened.name] = {
            "first": happened.time,
            "last": happened.time,
            "count": happened.count,
        }
        return
    held["first"] = min(held["first"], happened.time)
    held["last"] = max(held["last"], happened.time)
    held["count"] += happened.count


_NAME = f"a string of 1 to {MAX_TEXT_LENGTH} characters"
_PRICE = f"a number of at most {MAX_PRICE:.0e}"
_QUANTITY = f"a whole number from 1 to {MAX_QUANTITY}"
_CURRENCY = "a currency of ISO 4217"


def _is_name(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT_LENGTH


def _is_currency(value: Any) -> bool:
    return isinstance(value, str) and (value in CURRENCIES or value.upper() in CURRENCIES)


def _is_price(value: Any) -> TypeGuard[float]:
    return type(value) in (int, float) and abs(value) <= MAX_PRICE


def _is_quantity(value: Any) -> TypeGuard[int]:
    return type(value) is int and 1 <= value <= MAX_QUANTITY


_HINTS = {
    "currency": 'Give the three letters of ISO 4217, such as "EUR".',
    "price": "If the price is text in the payload, write Number(…) around it.",
    "product_id": "If the id is a number in the payload, write String(…) around it.",
    "quantity": "Make several purchases of a larger quantity.",
    "name": 'Name what happened, such as name: "Order Placed".',
}


def _invalid(code: str, name: str, value: Any, expected: str, pointer: str) -> Problem:
    return Problem(
        code,
        f"{name} is {shown(value)}; {expected} was expected.",
        hint=_HINTS[name],
        pointer=f"{pointer}/{name}",
    )


def _invalid_time(described: JsonObject, pointer: str) -> Problem:
    return Problem(
        "invalid_time",
        f"time is {shown(described.get('time'))}; an ISO 8601 time was expected.",
        hint="new Date(…) or its toISOString() can be returned as it is; an epoch in seconds needs "
        "new Date(1000 * …).",
        pointer=f"{pointer}/time",
    )


def _ignored(described: JsonObject, known: frozenset[str], pointer: str) -> list[Problem]:
    return [
        Problem(
            "dropped_value",
            f"{shown(name)} is no field of this object, and is ignored.",
            hint="Put further details into properties.",
            pointer=pointer_to(pointer, name),
        )
        for name in described
        if name not in known
    ]


def _one_too_many(product_id: str, pointer: str) -> Problem:
    return Problem(
        "too_many_products",
        f"The profile has bought {MAX_PRODUCTS} products; {shown(product_id)} adds to its revenue "
        "alone.",
        hint="Name products by their kind instead of each by its own id.",
        pointer=f"{pointer}/product_id",
    )
