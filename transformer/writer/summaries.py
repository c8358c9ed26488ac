"""What events and purchases leave on a profile: how many, the first, the last (braze.md §2.1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from transformer.delivery import Problem
from transformer.operation import JsonObject
from transformer.writer.identity import shown
from transformer.writer.profile import Profile
from transformer.writer.times import read_time
from transformer.writer.values import MAX_TEXT_LENGTH

MAX_QUANTITY = 100
MAX_PRICE = 1e12
_REVENUE_DIGITS = 6  # sums of floats: 0.1 + 0.2 is to read 0.3
_CURRENCY = re.compile(r"[A-Za-z]{3}")

_EVENT_RESERVED = frozenset({"time", "event_name"})
_PURCHASE_RESERVED = frozenset(
    {"time", "product_id", "quantity", "event_name", "price", "currency"}
)


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
    warnings = _read_properties(described, reserved=_EVENT_RESERVED, pointer=pointer)
    if isinstance(warnings, Problem):
        return warnings
    return Happened(name, min(time, now), warnings=warnings)


def read_purchase(described: JsonObject, *, pointer: str, now: str) -> Happened | Problem:
    """Read a purchases object, or say why it is rejected."""
    price, quantity = described.get("price"), described.get("quantity", 1)
    if not _is_currency(described.get("currency")):
        currency = described.get("currency")
        return _invalid("invalid_currency", "currency", currency, "an ISO 4217 code", pointer)
    for name, fits, expected in (
        ("product_id", _is_name(described.get("product_id")), _NAME),
        ("price", _is_price(price), "a number"),
        ("quantity", _is_quantity(quantity), f"a whole number from 1 to {MAX_QUANTITY}"),
    ):
        if not fits:
            return _invalid("invalid_purchase", name, described.get(name), expected, pointer)
    time = read_time(described.get("time"))
    if time is None:
        return _invalid_time(described, pointer)
    warnings = _read_properties(described, reserved=_PURCHASE_RESERVED, pointer=pointer)
    if isinstance(warnings, Problem):
        return warnings
    return Happened(described["product_id"], min(time, now), quantity, price * quantity, warnings)


def count_event(profile: Profile, event: Happened) -> None:
    """Remember an event on its profile."""
    _count(profile.custom_events, event)


def count_purchase(profile: Profile, purchase: Happened) -> None:
    """Remember a purchase on its profile, and add up the revenue, whatever the currency."""
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


def _is_name(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT_LENGTH


def _is_currency(value: Any) -> bool:
    return isinstance(value, str) and _CURRENCY.fullmatch(value) is not None


def _is_price(value: Any) -> TypeGuard[float]:
    return type(value) in (int, float) and abs(value) <= MAX_PRICE


def _is_quantity(value: Any) -> TypeGuard[int]:
    return type(value) is int and 1 <= value <= MAX_QUANTITY


def _read_properties(
    described: JsonObject, *, reserved: frozenset[str], pointer: str
) -> list[Problem] | Problem:
    """Check the properties; the delivery log keeps them, the profile does not."""
    properties = described.get("properties")
    if properties is None:
        return []
    if not isinstance(properties, dict):
        return _invalid("invalid_properties", "properties", properties, "an object", pointer)
    met = reserved.intersection(properties)
    if met:
        return Problem(
            "invalid_properties",
            f"Invalid 'properties' field: {', '.join(sorted(met))} cannot be the name of a "
            "property.",
            pointer=f"{pointer}/properties/{min(met)}",
        )
    return [
        Problem(
            "invalid_property_name",
            f"The property {shown(name)} is dropped: a name has 1 to {MAX_TEXT_LENGTH} characters "
            "and does not begin with a dollar sign.",
            pointer=f"{pointer}/properties",
        )
        for name in properties
        if not name or name[0] == "$" or len(name) > MAX_TEXT_LENGTH
    ]


def _invalid(code: str, name: str, value: Any, expected: str, pointer: str) -> Problem:
    return Problem(
        code,
        f"{name} is {shown(value)}; {expected} was expected.",
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
