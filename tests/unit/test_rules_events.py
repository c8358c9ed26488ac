"""Events (braze.md §2.1, *events object*): one row a rule.

The tag behind a rule's name is its evidence: [D] documented, [I] inferred, [ours] where the documentation
is silent and transformer/README.md says why.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.rules import NOW, profile_with, said
from transformer.delivery import Problem
from transformer.writer.summaries import Happened, count_event, read_event

POINTER = "/events/1"
EVENT = {"external_id": "u1", "name": "Tea poured", "time": "2026-01-02T00:00:00Z"}


def read(**change: Any) -> Happened | Problem:
    return read_event(EVENT | change, pointer=POINTER, now=NOW)


def happened(**change: Any) -> Happened:
    event = read(**change)
    assert isinstance(event, Happened)
    return event


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        pytest.param("2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.678Z", id="ISO 8601 [D]"),
        pytest.param("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z", id="no milliseconds [D]"),
        pytest.param("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000Z", id="a zone [D]"),
        pytest.param(
            "2026-01-02T03:04:05:678Z", "2026-01-02T03:04:05.678Z", id="a third colon [D]"
        ),
        pytest.param("2026-01-02T03:04:05", "2026-01-02T03:04:05.000Z", id="no zone is UTC [D]"),
        pytest.param("2026-01-02 03:04:05", "2026-01-02T03:04:05.000Z", id="a space [D]"),
        pytest.param("2026-01-02", "2026-01-02T00:00:00.000Z", id="a date is its midnight [D]"),
        pytest.param(
            "01/02/2026", "2026-01-02T00:00:00.000Z", id="MM/dd/yyyy, as in attributes [ours]"
        ),
        pytest.param(
            "Fri 01 02 03:04:05.+0200 2026",
            "2026-01-02T01:04:05.000Z",
            id="TZD and year last [ours]",
        ),
        pytest.param("20260102T030405Z", "2026-01-02T03:04:05.000Z", id="ISO 8601, digits [D]"),
        pytest.param("2026-W01-5", "2026-01-02T00:00:00.000Z", id="ISO 8601, a week's day [D]"),
        pytest.param("0999-01-01", "0999-01-01T00:00:00.000Z", id="a year has four digits"),
        pytest.param("2026-03-01T12:00:00.001Z", NOW, id="the future is now [D]"),
        pytest.param("2999-01-01", NOW, id="the far future is now [D]"),
    ],
)
def test_a_time_is_kept_in_one_form(given: str, stored: str) -> None:
    assert happened(time=given).time == stored


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        pytest.param({"name": None}, "invalid_event", "/name", id="name is required [D]"),
        pytest.param({"name": ""}, "invalid_event", "/name", id="name is not empty [D]"),
        pytest.param({"name": 7}, "invalid_event", "/name", id="name is a string [D]"),
        pytest.param({"name": "n" * 256}, "invalid_event", "/name", id="name has 255 at most [D]"),
        pytest.param({"time": None}, "invalid_time", "/time", id="time is required [D]"),
        pytest.param({"time": "yesterday"}, "invalid_time", "/time", id="words are no time [D]"),
        pytest.param({"time": ""}, "invalid_time", "/time", id="nothing is no time [D]"),
        pytest.param({"time": 1_700_000_000}, "invalid_time", "/time", id="an epoch is none [D]"),
        pytest.param({"time": "2026-02-30"}, "invalid_time", "/time", id="an impossible day [D]"),
        pytest.param({"time": "2026-13-01"}, "invalid_time", "/time", id="an impossible month [D]"),
        pytest.param(
            {"time": "2026-01-01T25:00:00Z"}, "invalid_time", "/time", id="an impossible hour [D]"
        ),
        pytest.param({"time": "3001-01-01"}, "invalid_time", "/time", id="after the year 3000 [D]"),
        pytest.param(
            {"time": "0001-01-01T00:00:00+10:00"}, "invalid_time", "/time", id="before the year 1"
        ),
        pytest.param(
            {"properties": [1]},
            "invalid_properties",
            "/properties",
            id="properties are an object [D]",
        ),
        *(
            pytest.param(
                {"properties": {"fine": 1, name: 1}},
                "invalid_properties",
                f"/properties/{name}",
                id=f"{name} is a reserved property [D]",
            )
            for name in ("time", "event_name")
        ),
    ],
)
def test_an_event_that_is_none_is_rejected(change: dict[str, Any], code: str, place: str) -> None:
    problem = read(**change)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.pointer) == (code, POINTER + place)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"app_id": "shop"}, id="app_id [D]"),
        pytest.param({"name": "n" * 255}, id="a name of 255 characters [D]"),
        pytest.param({"email": "a@b.co", "_update_existing_only": True}, id="identifiers [D]"),
        pytest.param({"properties": None}, id="no properties [D]"),
        pytest.param(
            {"properties": {"n": 1, "f": 1.5, "b": True, "s": "x" * 255, "t": "2026-01-02"}},
            id="numbers, booleans, strings, times [D]",
        ),
        pytest.param(
            {"properties": {"list": [1, "x"], "object": {"deep": {"t": "2026-01-02"}}}},
            id="arrays and nested objects [D]",
        ),
        pytest.param({"properties": {"product_id": 1, "price": 2}}, id="a purchase's names [D]"),
        pytest.param({"properties": {f"p{n}": n for n in range(256)}}, id="256 properties [D]"),
        pytest.param({"properties": {"s": ["x" * 250] * 400}}, id="100 KB with an array [D]"),
    ],
)
def test_what_an_event_may_hold_is_not_warned_of(change: dict[str, Any]) -> None:
    assert happened(**change).warnings == []


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        *(
            pytest.param(
                {"properties": {name: 1, "fine": 2}},
                ("invalid_property_name", f"/properties/{name}"),
                id=f"{label} [D]",
            )
            for name, label in (
                ("", "a property without a name"),
                ("$price", "a leading dollar sign"),
                ("n" * 256, "a property's name of 256 characters"),
            )
        ),
        pytest.param(
            {"properties": {"s": "x" * 256}},
            ("text_too_long", "/properties/s"),
            id="a long string [D]",
        ),
        pytest.param(
            {"properties": {"o": {"s": ["x" * 256]}}},
            ("text_too_long", "/properties/o/s/0"),
            id="a long string further inside [D]",
        ),
        pytest.param(
            {"properties": {"l": ["x", "2026-01-02"]}},
            ("dropped_value", "/properties/l/1"),
            id="a time in an array [D]",
        ),
        pytest.param(
            {"properties": {f"p{n}": n for n in range(257)}},
            ("too_many_properties", "/properties"),
            id="257 properties [D]",
        ),
        pytest.param(
            {"properties": {"s": ["x" * 250] * 410}},
            ("properties_too_large", "/properties"),
            id="over 100 KB with an array [D]",
        ),
        pytest.param({"colour": "green"}, ("dropped_value", "/colour"), id="another field [ours]"),
    ],
)
def test_what_an_event_loses_is_told(change: dict[str, Any], warning: tuple[str, str]) -> None:
    assert said(happened(**change).warnings, POINTER) == [warning]


def test_an_event_counts_and_keeps_its_first_and_last_time() -> None:
    profile = profile_with({})
    for day in ("02", "01", "03"):
        count_event(profile, happened(name="Login", time=f"2026-01-{day}"))
    assert profile.custom_events == {
        "Login": {
            "first": "2026-01-01T00:00:00.000Z",
            "last": "2026-01-03T00:00:00.000Z",
            "count": 3,
        }
    }


times = st.lists(st.datetimes().filter(lambda moment: moment.year < 2026), min_size=1, max_size=8)


@settings(deadline=None)
@given(times)
def test_the_order_of_events_makes_no_difference(moments: list[Any]) -> None:
    forwards, backwards = profile_with({}), profile_with({})
    events = [happened(time=moment.isoformat()) for moment in moments]
    for event in events:
        count_event(forwards, event)
    for event in reversed(events):
        count_event(backwards, event)
    assert forwards.custom_events == backwards.custom_events
    assert forwards.custom_events["Tea poured"]["count"] == len(moments)
