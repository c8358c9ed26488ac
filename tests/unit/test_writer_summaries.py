from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transformer.delivery import Problem
from transformer.writer.profile import Profile, new_profile
from transformer.writer.summaries import (
    Happened,
    count_event,
    count_purchase,
    read_event,
    read_purchase,
)

NOW = "2026-03-01T12:00:00.000Z"
EVENT = {"name": "Order placed", "time": "2026-01-02T00:00:00.000Z"}
PURCHASE = {"product_id": "mug", "currency": "EUR", "price": 9.5, "time": "2026-01-02"}


def _profile() -> Profile:
    return new_profile(now=NOW, external_id="u1")


def _happened(read: Happened | Problem) -> Happened:
    assert isinstance(read, Happened)
    return read


def test_an_event_counts_and_keeps_its_first_and_last_time() -> None:
    profile = _profile()
    for day in ("02", "01", "03"):
        event = read_event(
            {"name": "Login", "time": f"2026-01-{day}"}, pointer="/events/0", now=NOW
        )
        count_event(profile, _happened(event))
    assert profile.custom_events == {
        "Login": {
            "first": "2026-01-01T00:00:00.000Z",
            "last": "2026-01-03T00:00:00.000Z",
            "count": 3,
        }
    }


def test_an_event_of_the_future_happened_now() -> None:
    event = read_event({**EVENT, "time": "2999-01-01"}, pointer="/events/0", now=NOW)
    assert _happened(event).time == NOW


def test_a_purchase_counts_its_quantity_and_adds_its_revenue() -> None:
    profile = _profile()
    for quantity in ({"quantity": 3}, {}):
        purchase = read_purchase(PURCHASE | quantity, pointer="/purchases/0", now=NOW)
        count_purchase(profile, _happened(purchase))
    assert profile.purchases["mug"]["count"] == 4
    assert profile.total_revenue == 38


def test_revenue_does_not_gather_the_dust_of_floats() -> None:
    profile = _profile()
    for price in (0.1, 0.2):
        purchase = read_purchase({**PURCHASE, "price": price}, pointer="/purchases/0", now=NOW)
        count_purchase(profile, _happened(purchase))
    assert profile.total_revenue == 0.3


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"name": None}, "invalid_event", "/events/1/name"),
        ({"name": ""}, "invalid_event", "/events/1/name"),
        ({"name": "n" * 256}, "invalid_event", "/events/1/name"),
        ({"time": None}, "invalid_time", "/events/1/time"),
        ({"time": 1_700_000_000}, "invalid_time", "/events/1/time"),
        ({"properties": [1]}, "invalid_properties", "/events/1/properties"),
        ({"properties": {"time": 1}}, "invalid_properties", "/events/1/properties/time"),
        (
            {"properties": {"event_name": 1}},
            "invalid_properties",
            "/events/1/properties/event_name",
        ),
    ],
)
def test_an_event_that_is_not_one_is_rejected(
    change: dict[str, Any], code: str, pointer: str
) -> None:
    read = read_event(EVENT | change, pointer="/events/1", now=NOW)
    assert isinstance(read, Problem)
    assert (read.code, read.pointer) == (code, pointer)


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"product_id": 7}, "invalid_purchase", "/purchases/0/product_id"),
        ({"currency": "euros"}, "invalid_currency", "/purchases/0/currency"),
        ({"price": "9.50"}, "invalid_purchase", "/purchases/0/price"),
        ({"price": True}, "invalid_purchase", "/purchases/0/price"),
        ({"price": float("nan")}, "invalid_purchase", "/purchases/0/price"),
        ({"price": float("inf")}, "invalid_purchase", "/purchases/0/price"),
        ({"quantity": 0}, "invalid_purchase", "/purchases/0/quantity"),
        ({"quantity": 101}, "invalid_purchase", "/purchases/0/quantity"),
        ({"quantity": 1.5}, "invalid_purchase", "/purchases/0/quantity"),
        ({"time": "soon"}, "invalid_time", "/purchases/0/time"),
        ({"properties": {"price": 1}}, "invalid_properties", "/purchases/0/properties/price"),
    ],
)
def test_a_purchase_that_is_not_one_is_rejected(
    change: dict[str, Any], code: str, pointer: str
) -> None:
    read = read_purchase(PURCHASE | change, pointer="/purchases/0", now=NOW)
    assert isinstance(read, Problem)
    assert (read.code, read.pointer) == (code, pointer)


@pytest.mark.parametrize("name", ["$price", "", "n" * 256])
def test_a_property_whose_name_is_none_is_told(name: str) -> None:
    event = read_event({**EVENT, "properties": {name: 1, "fine": 2}}, pointer="/events/0", now=NOW)
    assert [warning.code for warning in _happened(event).warnings] == ["invalid_property_name"]


times = st.lists(st.datetimes().filter(lambda moment: moment.year < 2026), min_size=1, max_size=8)


@given(times)
def test_the_order_of_events_makes_no_difference(moments: list[Any]) -> None:
    forwards, backwards = _profile(), _profile()
    events = [
        _happened(read_event({**EVENT, "time": moment.isoformat()}, pointer="/events/0", now=NOW))
        for moment in moments
    ]
    for event in events:
        count_event(forwards, event)
    for event in reversed(events):
        count_event(backwards, event)
    assert forwards.custom_events == backwards.custom_events
    assert forwards.custom_events["Order placed"]["count"] == len(moments)
