"""Objects for track users are judged one by one; a field that Braze drops costs itself alone."""

import time
from typing import Any

import pytest

from transformer.schemas.reader import load_schema
from transformer.transformation import Destination
from transformer.worker.check import MOST_OPERATIONS, Checked, Checker

CHECKER = Checker()
WHO = {"external_id": "u"}
EVENT: dict[str, Any] = WHO | {"name": "Tea Poured", "time": "2025-03-14T09:26:53Z"}
PURCHASE: dict[str, Any] = WHO | {
    "product_id": "pot",
    "currency": "EUR",
    "price": 1,
    "time": "2025-03-14",
}


def check(output: Any) -> Checked:
    return CHECKER.check(Destination.TRACK, output)


def pointers(checked: Checked) -> list[str]:
    return [problem.pointer for problem in checked.errors]


REFUSED: dict[str, tuple[str, Any, str]] = {
    "no identifier": ("attributes", {"plan": "gold"}, ""),
    "two primary identifiers": ("attributes", WHO | {"braze_id": "b"}, ""),
    "an email of null alone": ("attributes", {"email": None}, ""),
    "an id that is a number": ("attributes", {"external_id": 17}, "/external_id"),
    "an email that is none": ("attributes", WHO | {"email": "nobody"}, "/email"),
    "a subscription that does not exist": (
        "attributes",
        WHO | {"email_subscribe": "yes"},
        "/email_subscribe",
    ),
    "half a location": (
        "attributes",
        WHO | {"current_location": {"latitude": 1}},
        "/current_location",
    ),
    "no object": ("attributes", "u", ""),
    "nothing": ("events", None, ""),
    "no name": ("events", {key: EVENT[key] for key in ("external_id", "time")}, ""),
    "an impossible time": ("events", EVENT | {"time": "2025-13-14"}, "/time"),
    "a time in seconds": ("events", EVENT | {"time": 1741944413}, "/time"),
    "a reserved property": ("events", EVENT | {"properties": {"time": 1}}, "/properties/time"),
    "a price as text": ("purchases", PURCHASE | {"price": "9.99"}, "/price"),
    "a currency that is none": ("purchases", PURCHASE | {"currency": "euro"}, "/currency"),
    "half of one": ("purchases", PURCHASE | {"quantity": 0.5}, "/quantity"),
    "merging by text": ("attributes", WHO | {"_merge_objects": "yes"}, "/_merge_objects"),
    "a flag that is text": (
        "events",
        EVENT | {"_update_existing_only": "true"},
        "/_update_existing_only",
    ),
}


@pytest.mark.parametrize(("array", "wrong", "place"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_refused_and_its_neighbours_are_not(
    array: str, wrong: Any, place: str
) -> None:
    right = {"attributes": WHO, "events": EVENT, "purchases": PURCHASE}[array]
    checked = check({array: [right, wrong, right]})
    assert pointers(checked) == [f"/{array}/1{place}"]
    assert checked.refused == (1,)
    assert [operation.object for operation in checked.operations] == [right, wrong, right]
    assert [operation.position for operation in checked.operations] == [0, 1, 2]


def test_where_nothing_is_right_nothing_is_asked_for() -> None:
    checked = check({"events": [{}, None]})
    assert (checked.operations, checked.refused) == ((), ())
    assert pointers(checked) == ["/events/0", "/events/0", "/events/1"]


@pytest.mark.parametrize(
    "envelope",
    [
        {"attributes": [WHO], "events": {}},
        {"attributes": [WHO], "atributes": []},
        [{"attributes": [WHO]}, 17],
        [{"attributes": [WHO]}, {"destination": "nowhere"}],
        [{"attributes": [WHO]}, {"destination": "catalog.put", "catalog_name": "c", "items": [{}]}],
    ],
    ids=["no list", "another key", "no body", "no destination", "an item without an id"],
)
def test_what_is_wrong_around_the_objects_leaves_nothing_to_apply(envelope: Any) -> None:
    checked = check(envelope)
    assert checked.errors
    assert checked.operations == ()


def test_a_refused_object_keeps_its_place_in_its_body() -> None:
    checked = check([{"events": [EVENT]}, {"events": [{}, EVENT]}])
    assert {pointer[:11] for pointer in pointers(checked)} == {"/1/events/0"}
    assert checked.refused == (1,)
    assert len(checked.operations) == 3


DROPPED: dict[str, Any] = {
    "first_name": 17,
    "last_name": ["Silva"],
    "dob": "31.12.1990",
    "gender": "female",
    "home_city": 1,
    "country": 351,
    "language": True,
    "time_zone": {},
    "date_of_first_session": 1741944413,
    "date_of_last_session": False,
    "marked_email_as_spam_at": [],
    "email_open_tracking_disabled": "true",
    "email_click_tracking_disabled": 1,
    "facebook": "ana",
    "twitter": {"followers_count": "12"},
    "phone": 351210000000,
}


@pytest.mark.parametrize("name", DROPPED)
def test_a_field_that_braze_drops_costs_itself_alone(name: str) -> None:
    checked = check({"attributes": [WHO | {name: DROPPED[name], "plan": "gold"}]})
    assert (checked.errors, checked.refused) == ((), ())
    (warning,) = checked.warnings
    assert (warning.code, warning.pointer.split("/")[3]) == ("dropped_value", name)
    assert warning.message.endswith(", so it is dropped.")
    assert warning.hint


def test_these_are_all_the_fields_that_are_dropped() -> None:
    properties = load_schema(Destination.TRACK)["$defs"]["attributes"]["properties"]
    assert {name for name, held in properties.items() if "x-dropped" in held} == set(DROPPED)


def test_a_phone_number_that_must_find_somebody_is_no_field() -> None:
    checked = check({"attributes": [WHO, {"phone": 351210000000}]})
    assert checked.refused == (1,)


@pytest.mark.parametrize("array", ["events", "purchases"])
@pytest.mark.parametrize(
    ("name", "value"), [("email", "nobody"), ("phone", 351210000000), ("app_id", 7)]
)
def test_what_an_event_or_a_purchase_does_not_need_costs_itself_alone(
    array: str, name: str, value: Any
) -> None:
    right = {"events": EVENT, "purchases": PURCHASE}[array]
    checked = check({array: [right | {name: value}]})
    assert (checked.errors, checked.refused) == ((), ())
    assert [warning.pointer for warning in checked.warnings] == [f"/{array}/0/{name}"]


@pytest.mark.parametrize(
    "address",
    [{"email": "nobody"}, {"phone": 351210000000}, {"email": "nobody", "phone": "+351210000000"}],
)
def test_an_address_that_is_to_find_somebody_is_needed(address: dict[str, Any]) -> None:
    event = {name: EVENT[name] for name in ("name", "time")} | address
    assert check({"events": [EVENT, event]}).refused == (1,)


@pytest.mark.parametrize("name", ["external_id", "user_alias", "braze_id"])
def test_a_primary_identifier_of_null_is_as_if_it_were_left_out(name: str) -> None:
    """Scripts write `external_id: payload.user_id`, and get null."""
    checked = check({"attributes": [{name: None, "email": "ana@example.com"}, {name: None}]})
    assert checked.refused == (1,)
    assert checked.warnings == ()
    assert check({"attributes": [{"external_id": "u", "braze_id": None}]}).errors == ()


def test_a_field_that_is_dropped_saves_no_object_that_is_wrong() -> None:
    checked = check({"attributes": [WHO, WHO | {"gender": "female", "braze_id": "b"}]})
    assert checked.refused == (1,)
    assert pointers(checked) == ["/attributes/1", "/attributes/1/gender"]


def test_thousands_of_wrong_objects_are_told_by_the_first() -> None:
    checked = check({"events": [{}] * 2_000 + [EVENT] * 2_000})
    assert len(checked.errors) == 21
    assert checked.refused == tuple(range(2_000))


def test_a_list_of_more_than_an_event_may_ask_for_is_not_judged() -> None:
    """What is no object has no brace, by which the reader counts."""
    (error,) = CHECKER.read(Destination.TRACK, b'{"events": [' + b"1," * MOST_OPERATIONS + b"1]}")[
        1
    ].errors
    assert error.code == "too_many_operations"


def test_what_is_wrong_among_thousands_of_fields_is_found_as_quickly_as_that_something_is() -> None:
    """The validator that finds errors takes a hundred times as long as the one that counts.

    Show it all fields to see this fail: a second and more, which is the time that code has.
    """
    many = {f"field_{number}": number for number in range(60_000)}
    wrong = WHO | many | {"email_subscribe": "yes", "cars": {"$add": 1}}
    started = time.process_time()
    checked = check({"attributes": [WHO, wrong]})
    assert time.process_time() - started < 0.5
    assert pointers(checked) == ["/attributes/1/cars/$add", "/attributes/1/email_subscribe"]


def test_what_is_wrong_among_thousands_of_fields_of_an_item_is_found_as_quickly() -> None:
    many = {f"field_{number}": number for number in range(60_000)}
    wrong = {"id": "b"} | many | {"size": {"in.cm": 1}}
    items = [{"id": "a"} | many, wrong, {"name": "c"}]
    started = time.process_time()
    checked = CHECKER.check(Destination.CATALOG_PUT, {"catalog_name": "products", "items": items})
    assert time.process_time() - started < 0.5
    assert pointers(checked) == ["/items/1/size/in.cm", "/items/2"]
