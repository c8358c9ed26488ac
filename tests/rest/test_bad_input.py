"""What is wrong in a call of ``/users/track``: each its documented error, and the rest is applied.

Each row is one call, of a bad object between two good ones. Only ``/users/track`` and the console API are
asked: what a customer sees is what is promised.
"""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.support.system import System
from tests.support.waiting import wait_until

TRACK = "/users/track"
TIME = "2026-01-02T03:04:05Z"
MISSING = "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"
SEVERAL = "You must specify only one of 'external_id', 'user_alias' or 'braze_id'"
MEGABYTE = 1_048_576


def event(**given: Any) -> dict[str, Any]:
    return {"name": "Seen", "time": TIME} | given


def purchase(**given: Any) -> dict[str, Any]:
    return {"product_id": "mug", "currency": "EUR", "price": 1, "time": TIME} | given


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls the system under names of its own, so that no test finds what another did."""

    system: System
    client: httpx.Client
    row: str

    def track(self, body: dict[str, Any]) -> httpx.Response:
        return self.client.post(TRACK, json=body)

    def profile(self, external_id: str) -> dict[str, Any] | None:
        found: list[dict[str, Any]] = self.system.call(
            "GET", "/api/profiles", params={"external_id": external_id}
        )["profiles"]
        return found[0] if found else None

    def delivery(self, external_id: str) -> dict[str, Any]:
        """Wait for the delivery of the call that names somebody, who is named in no other."""
        query = {"q": f'"{external_id}"'}
        found = wait_until(
            f"the call about {external_id} is in the log",
            lambda: self.system.call("GET", "/api/deliveries", params=query)["deliveries"],
        )
        delivery: dict[str, Any] = found[0]
        return delivery


@pytest.fixture
def caller(system: System, client: httpx.Client, request: pytest.FixtureRequest) -> Caller:
    return Caller(system, client, row=request.node.callspec.id)


REJECTED = [
    pytest.param("attributes", {"plan": "gold"}, MISSING, id="no identifier"),
    pytest.param(
        "events", event(external_id=None, email=None), MISSING, id="an identifier that is null"
    ),
    pytest.param(
        "attributes",
        {"external_id": "BAD", "user_alias": {"alias_name": "a", "alias_label": "b"}},
        SEVERAL,
        id="two primary identifiers",
    ),
    pytest.param(
        "events",
        event(external_id="BAD", time="2026-02-30T00:00:00Z"),
        "'time' is not valid",
        id="an impossible time",
    ),
    pytest.param(
        "purchases",
        purchase(external_id="BAD", price="9.50"),
        "'price' is not valid",
        id="a price as text",
    ),
    pytest.param(
        "purchases",
        purchase(external_id="BAD", currency="XYZ"),
        "'currency' must be an ISO 4217 currency",
        id="a currency that does not exist",
    ),
    pytest.param(
        "purchases",
        purchase(external_id="BAD", quantity=101),
        "'quantity' is not valid",
        id="a quantity of 101",
    ),
    pytest.param(
        "events",
        event(external_id="BAD", properties={"time": 1}),
        "Invalid 'properties' field",
        id="a reserved property",
    ),
    pytest.param(
        "attributes",
        {"external_id": "BAD", "plan": "gold", "email": "ada"},
        "The value provided for the 'email' field is not a valid email.",
        id="an email that is none",
    ),
    pytest.param(
        "attributes",
        {"external_id": "BAD", "plan": "gold", "current_location": {"longitude": 1}},
        "BAD_LOCATION_UPDATE",
        id="half a location",
    ),
    pytest.param(
        "attributes",
        {"external_id": "BAD" + "x" * 987},
        "'external_id' must be fewer than 988 bytes",
        id="an external_id of 990 bytes",
    ),
]


@pytest.mark.parametrize(("array", "bad", "wire"), REJECTED)
def test_a_bad_object_is_told_and_changes_nothing_and_the_others_are_applied(
    caller: Caller,
    array: str,
    bad: dict[str, Any],
    wire: str,
) -> None:
    good = f"good of {caller.row}"
    nobody = f"bad of {caller.row}"
    if str(bad.get("external_id")) == "BAD":
        bad = bad | {"external_id": nobody}
    body: dict[str, list[Any]] = {"attributes": [{"external_id": good, "plan": "gold"}]}
    body[array] = [*body.get(array, []), bad]
    body["attributes"].append({"external_id": good, "visits": {"inc": 1}})
    index = body[array].index(bad)
    answer = caller.track(body)
    assert (answer.status_code, answer.json()["message"]) == (201, "success")
    assert answer.json()["errors"] == [{"type": wire, "input_array": array, "index": index}]
    assert sum(answer.json()[f"{name}_processed"] for name in body) == 2
    delivery = caller.delivery(good)
    assert [error["pointer"].split("/")[1:3] for error in delivery["errors"]] == [
        [array, str(index)]
    ]
    profile = caller.profile(good)
    assert profile is not None
    assert profile["custom_attributes"] == {"plan": "gold", "visits": 1}
    assert caller.profile(nobody) is None


DROPPED = [
    pytest.param(
        {"home": {"post.code": "1000"}},
        ("invalid_key", "/home/post.code"),
        id="a key with a dot",
    ),
    pytest.param({"home": {"$city": "Rome"}}, ("invalid_key", "/home/$city"), id="a key with $"),
    pytest.param(
        {"home": {"city": None}}, ("invalid_nested_value", "/home/city"), id="null in an object"
    ),
    pytest.param(
        {"home": [f"{number:0255}" for number in range(410)]},
        ("value_too_large", "/home"),
        id="100 KB of array",
    ),
    pytest.param(
        {"home": {"since": {"$time": "soon"}}},
        ("invalid_time", "/home/since/$time"),
        id="a $time that is none",
    ),
]


@pytest.mark.parametrize(("bad", "warning"), DROPPED)
def test_a_bad_value_is_dropped_and_told_in_the_log_and_the_rest_of_its_object_applied(
    caller: Caller,
    bad: dict[str, Any],
    warning: tuple[str, str],
) -> None:
    who = {"external_id": f"dropped {caller.row}"}
    held = {"city": "Paris"}
    body = {"attributes": [who | {"home": held}, who | bad | {"plan": "gold"}]}
    answer = caller.track(body)
    assert (answer.status_code, answer.json()) == (
        201,
        {"message": "success", "attributes_processed": 2},
    )
    [told] = caller.delivery(who["external_id"])["warnings"]
    code, place = warning
    assert (told["code"], told["pointer"]) == (code, f"/attributes/1{place}")
    profile = caller.profile(who["external_id"])
    assert profile is not None
    assert profile["custom_attributes"] == {"home": held, "plan": "gold"}


@pytest.mark.parametrize(
    ("status", "bodies"),
    [
        pytest.param(
            400,
            [{"external_id": "refused whole"}, *[{"external_id": "refused 2"}] * 75],
            id="76 objects",
        ),
        pytest.param(
            413,
            [{"external_id": "refused whole"}, {"external_id": "u", "a": "x" * 5 * MEGABYTE}],
            id="5 MB",
        ),
    ],
)
def test_a_call_that_is_too_large_is_refused_whole(
    caller: Caller, status: int, bodies: list[dict[str, Any]]
) -> None:
    answer = caller.track({"attributes": bodies})
    assert answer.status_code == status
    # What is accepted after it is applied after it: so it was not applied.
    behind = f"behind {status}"
    caller.track({"attributes": [{"external_id": behind}]}).raise_for_status()
    caller.delivery(behind)
    assert caller.profile("refused whole") is None
