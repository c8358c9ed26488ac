"""Events of recommended names are held against their shapes; one that does not fit is applied, with warnings."""

from typing import Any

import pytest

from transformer.schemas.reader import load_event_schema, recommended_events
from transformer.transformation import Destination
from transformer.worker.check import Checker

CHECKER = Checker()
LINE = {
    "product_id": "pot",
    "product_name": "Teapot",
    "variant_id": "pot-green",
    "quantity": 1,
    "price": 39.9,
}
PROPERTIES: dict[str, dict[str, Any]] = {
    name: load_event_schema(name)["examples"][0] for name in recommended_events()
}
CART, PLACED, CANCELLED = (
    "ecommerce.cart_updated",
    "ecommerce.order_placed",
    "ecommerce.order_cancelled",
)


def warnings_of(name: str, properties: Any) -> list[tuple[str, str, str]]:
    event = {"external_id": "u", "name": name, "time": "2025-03-14T09:26:53Z"}
    if properties is not None:
        event |= {"properties": properties}
    checked = CHECKER.check(Destination.TRACK, {"events": [event]})
    assert (checked.errors, len(checked.operations)) == ((), 1)
    assert {problem.code for problem in checked.warnings} <= {"unfit_event"}
    assert all(problem.hint for problem in checked.warnings)
    return [
        (problem.pointer.removeprefix("/events/0"), problem.message, problem.hint)
        for problem in checked.warnings
    ]


def changed(name: str, **changes: Any) -> dict[str, Any]:
    given = PROPERTIES[name] | changes
    return {key: value for key, value in given.items() if value is not ...}


def test_the_recommended_events_are_these() -> None:
    assert set(PROPERTIES) == {
        "ecommerce.product_viewed",
        CART,
        "ecommerce.checkout_started",
        PLACED,
        CANCELLED,
        "ecommerce.order_refunded",
    }


@pytest.mark.parametrize("name", recommended_events())
def test_an_event_that_fits_gives_no_warning(name: str) -> None:
    assert warnings_of(name, PROPERTIES[name]) == []


@pytest.mark.parametrize("name", recommended_events())
def test_each_property_that_is_needed_is_missed(name: str) -> None:
    for needed in load_event_schema(name)["required"]:
        ((pointer, message, _hint),) = warnings_of(name, changed(name, **{needed: ...}))
        assert (pointer, message) == (
            "/properties",
            f"events[0].properties lacks {needed}: {name} does not fit what is recommended.",
        )


@pytest.mark.parametrize("name", recommended_events())
def test_a_property_of_ones_own_belongs_into_metadata(name: str) -> None:
    ((pointer, _message, hint),) = warnings_of(name, changed(name, gift_wrapped=True))
    assert pointer == "/properties"
    assert "metadata: { … }" in hint
    assert warnings_of(name, changed(name, metadata={"gift_wrapped": True})) == []


MISFITS = {
    "an event without properties lacks all of them": (PLACED, None, "/properties"),
    "a value that is text": (
        PLACED,
        changed(PLACED, total_value="39.90"),
        "/properties/total_value",
    ),
    "a value below nothing": (PLACED, changed(PLACED, total_value=-1), "/properties/total_value"),
    "no currency of that name": (PLACED, changed(PLACED, currency="€"), "/properties/currency"),
    "an order without products": (PLACED, changed(PLACED, products=[]), "/properties/products"),
    "products that are no list": (PLACED, changed(PLACED, products=LINE), "/properties/products"),
    "a product without a variant": (
        PLACED,
        changed(PLACED, products=[{**LINE, "variant_id": 7}]),
        "/properties/products/0/variant_id",
    ),
    "a part of a product": (
        PLACED,
        changed(PLACED, products=[LINE, LINE | {"quantity": 0.5}]),
        "/properties/products/1/quantity",
    ),
    "a discount that is text": (
        PLACED,
        changed(PLACED, discounts=[{"code": "A", "amount": "5"}]),
        "/properties/discounts/0/amount",
    ),
    "a status page that is no text": (
        PLACED,
        changed(PLACED, metadata={"order_status_url": 1}),
        "/properties/metadata/order_status_url",
    ),
    "an empty id": (PLACED, changed(PLACED, order_id=""), "/properties/order_id"),
    "another action": (CART, changed(CART, action="update"), "/properties/action"),
    "a whole cart without its value": (CART, changed(CART, total_value=...), "/properties"),
    "a cart without action is a whole one": (
        CART,
        changed(CART, action=..., total_value=...),
        "/properties",
    ),
    "a reason that is no text": (
        CANCELLED,
        changed(CANCELLED, cancel_reason=4),
        "/properties/cancel_reason",
    ),
    "an alert of another kind": (
        "ecommerce.product_viewed",
        changed("ecommerce.product_viewed", type=["sold_out"]),
        "/properties/type/0",
    ),
}


@pytest.mark.parametrize(("name", "properties", "pointer"), MISFITS.values(), ids=MISFITS)
def test_what_does_not_fit_is_pointed_at(name: str, properties: Any, pointer: str) -> None:
    assert [found for found, _message, _hint in warnings_of(name, properties)] == [pointer]


@pytest.mark.parametrize("action", ["add", "remove"])
def test_a_change_of_a_cart_needs_no_value_of_the_whole(action: str) -> None:
    assert warnings_of(CART, changed(CART, action=action, total_value=...)) == []


@pytest.mark.parametrize(
    "name", ["ecommerce.orderPlaced", "ecommerce.Order_Placed", "ecommerce.order_place"]
)
def test_a_misspelt_name_is_recognised(name: str) -> None:
    assert warnings_of(name, {}) == [
        (
            "/name",
            f'events[0].name is "{name}", which is no recommended event.',
            'Did you mean "ecommerce.order_placed"?',
        )
    ]


@pytest.mark.parametrize("name", ["ecommerce.wishlist_shared", "order_placed", "ecommerce"])
def test_other_names_are_ones_own(name: str) -> None:
    assert warnings_of(name, {"anything": 1}) == []
