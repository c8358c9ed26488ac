"""Purchases (braze.md §2.1, *purchases object*): one row a rule.

The tag behind a rule's name is its evidence: [D] documented, [I] inferred, [ours] where the documentation
is silent and transformer/README.md says why. Times and names of properties are read as in events.
"""

from typing import Any

import pytest

from tests.support.rules import NOW, profile_with, said
from transformer.delivery import Problem
from transformer.writer.summaries import Happened, count_purchase, read_purchase

POINTER = "/purchases/0"
PURCHASE = {
    "external_id": "u1",
    "product_id": "mug",
    "currency": "EUR",
    "price": 9.5,
    "time": "2026-01-02",
}


def read(products: Any = (), **change: Any) -> Happened | Problem:
    return read_purchase(PURCHASE | change, pointer=POINTER, now=NOW, products=products)


def happened(products: Any = (), **change: Any) -> Happened:
    purchase = read(products, **change)
    assert isinstance(purchase, Happened)
    return purchase


@pytest.mark.parametrize(
    ("change", "count", "revenue"),
    [
        pytest.param({}, 1, 9.5, id="a quantity is 1 if absent [D]"),
        pytest.param({"quantity": 3}, 3, 28.5, id="a quantity of n is n purchases [D]"),
        pytest.param({"quantity": 100}, 100, 950, id="a quantity of 100 [D]"),
        pytest.param({"price": 10}, 1, 10, id="a price that is whole [D]"),
        pytest.param({"price": 0}, 1, 0, id="a price of nothing [I]"),
        pytest.param({"price": -5}, 1, -5, id="a price below 0, given back [I]"),
        pytest.param({"currency": "jpy"}, 1, 9.5, id="a currency in small letters [ours]"),
        pytest.param({"currency": "BGN"}, 1, 9.5, id="a currency withdrawn this year [ours]"),
        pytest.param({"product_id": "p" * 255}, 1, 9.5, id="a product_id of 255 [D]"),
        pytest.param({"app_id": "shop"}, 1, 9.5, id="app_id [D]"),
        pytest.param({"properties": {"size": "L", "l": [1]}}, 1, 9.5, id="properties [D]"),
        pytest.param({"properties": {"name": "x"}}, 1, 9.5, id="a property called name [D]"),
    ],
)
def test_a_purchase_counts_as_the_rule_says(
    change: dict[str, Any], count: int, revenue: float
) -> None:
    purchase = happened(**change)
    assert (purchase.count, purchase.revenue, purchase.warnings) == (count, revenue, [])


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        *(
            pytest.param(
                {"product_id": product_id},
                "invalid_purchase",
                "/product_id",
                id=f"product_id: {label} [D]",
            )
            for product_id, label in (
                (None, "none"),
                ("", "empty"),
                (7, "a number"),
                ("p" * 256, "256"),
            )
        ),
        *(
            pytest.param(
                {"currency": currency},
                "invalid_currency",
                "/currency",
                id=f"currency: {currency!r} [D]",
            )
            for currency in (None, "", "euros", "EU", "XYZ", "DEM", 978, "EUR\n")
        ),
        *(
            pytest.param({"price": price}, "invalid_purchase", "/price", id=f"price: {price!r} [D]")
            for price in (None, "9.50", True, [9.5], float("nan"), float("inf"), 1e13)
        ),
        *(
            pytest.param(
                {"quantity": quantity},
                "invalid_purchase",
                "/quantity",
                id=f"quantity: {quantity!r} [D]",
            )
            for quantity in (0, -1, 101, 1.5, "2", True, None)
        ),
        pytest.param({"time": None}, "invalid_time", "/time", id="time is required [D]"),
        pytest.param({"time": "2026-02-30"}, "invalid_time", "/time", id="an impossible day [D]"),
        pytest.param({"properties": "x"}, "invalid_properties", "/properties", id="text [D]"),
        *(
            pytest.param(
                {"properties": {name: 1}},
                "invalid_properties",
                f"/properties/{name}",
                id=f"{name} is a reserved property [D]",
            )
            for name in ("time", "product_id", "quantity", "event_name", "price", "currency")
        ),
    ],
)
def test_a_purchase_that_is_none_is_rejected(change: dict[str, Any], code: str, place: str) -> None:
    problem = read(**change)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.pointer) == (code, POINTER + place)
    assert problem.message.endswith(".")


MANY = [f"p{n}" for n in range(5_000)]


@pytest.mark.parametrize(
    ("products", "change", "warning"),
    [
        pytest.param(
            (),
            {"properties": {"s": ["x" * 250] * 210}},
            ("properties_too_large", "/properties"),
            id="properties over 50 KB with an array [D]",
        ),
        pytest.param(
            (), {"colour": "green"}, ("dropped_value", "/colour"), id="another field [ours]"
        ),
        pytest.param((), {"name": "Tea"}, ("dropped_value", "/name"), id="an event's name [ours]"),
        pytest.param(
            MANY, {}, ("too_many_products", "/product_id"), id="the product number 5,001 [D]"
        ),
    ],
)
def test_what_a_purchase_loses_is_told(
    products: Any, change: dict[str, Any], warning: tuple[str, str]
) -> None:
    assert said(happened(products, **change).warnings, POINTER) == [warning]


def test_of_5000_products_each_is_summarised_and_of_the_next_only_the_revenue() -> None:
    profile = profile_with({})
    for n in range(5_002):
        count_purchase(profile, happened(profile.purchases, product_id=f"p{n}", price=1))
    count_purchase(profile, happened(profile.purchases, product_id="p0", price=1))
    assert len(profile.purchases) == 5_000
    assert profile.purchases["p0"]["count"] == 2
    assert profile.total_revenue == 5_003


def test_a_purchase_keeps_its_first_and_last_time() -> None:
    profile = profile_with({})
    for day, quantity in (("02", 3), ("01", 1)):
        count_purchase(profile, happened(time=f"2026-01-{day}", quantity=quantity))
    assert profile.purchases == {
        "mug": {
            "first": "2026-01-01T00:00:00.000Z",
            "last": "2026-01-02T00:00:00.000Z",
            "count": 4,
        }
    }
    assert profile.total_revenue == 38


def test_revenue_does_not_gather_the_dust_of_floats() -> None:
    profile = profile_with({})
    for price in (0.1, 0.2):
        count_purchase(profile, happened(price=price))
    assert profile.total_revenue == 0.3
