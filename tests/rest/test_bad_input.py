"""Bad input has its documented error and changes nothing; what stands beside it is applied."""

from typing import Any

import httpx
import pytest

from tests.rest.test_track import TIME
from tests.support.system import System
from tests.support.waiting import wait_until

TRACK = "/users/track"
MISSING = "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"
SEVERAL = "You must specify only one of 'external_id', 'user_alias' or 'braze_id'"
PURCHASE = {"product_id": "teapot", "currency": "EUR", "price": 9.5, "time": TIME}


@pytest.mark.parametrize(
    ("array", "wrong", "described"),
    [
        pytest.param("attributes", {"plan": "gold"}, MISSING, id="no identifier"),
        pytest.param(
            "attributes", {"external_id": "bad", "braze_id": "b"}, SEVERAL, id="two primaries"
        ),
        pytest.param(
            "attributes",
            {"external_id": "x" * 988},
            "'external_id' must be fewer than 988 bytes",
            id="an id of 988 bytes",
        ),
        pytest.param(
            "attributes",
            {"external_id": "bad", "email": "nobody"},
            "The value provided for the 'email' field is not a valid email.",
            id="an email that is none",
        ),
        pytest.param(
            "attributes",
            {"external_id": "bad", "current_location": {"latitude": 1}},
            "BAD_LOCATION_UPDATE",
            id="half of a place",
        ),
        pytest.param(
            "events",
            {"external_id": "bad", "name": "Seen", "time": "2026-02-30T00:00:00Z"},
            "'time' is not valid",
            id="an impossible time",
        ),
        pytest.param(
            "events",
            {"external_id": "bad", "name": "Seen", "time": TIME, "properties": {"time": 1}},
            "Invalid 'properties' field",
            id="a reserved property",
        ),
        pytest.param(
            "purchases",
            PURCHASE | {"external_id": "bad", "price": "9.50"},
            "'price' is not valid",
            id="a price as text",
        ),
        pytest.param(
            "purchases",
            PURCHASE | {"external_id": "bad", "currency": "XYZ"},
            "'currency' must be an ISO 4217 currency",
            id="a currency that does not exist",
        ),
        pytest.param(
            "purchases",
            PURCHASE | {"external_id": "bad", "quantity": 101},
            "'quantity' is not valid",
            id="more than 100 of one product",
        ),
    ],
)
def test_a_wrong_object_is_told_and_the_others_are_applied(
    system: System,
    client: httpx.Client,
    *,
    request: pytest.FixtureRequest,
    array: str,
    wrong: dict[str, Any],
    described: str,
) -> None:
    right = {"external_id": f"right-{request.node.callspec.id}"}
    body: dict[str, Any] = {"attributes": [right | {"plan": "gold"}]}
    body[array] = [*body.get(array, []), wrong]
    answer = client.post(TRACK, json=body)
    assert answer.status_code == 201
    index = len(body[array]) - 1
    assert answer.json()["errors"] == [{"type": described, "input_array": array, "index": index}]
    profiles = wait_until("the others are applied", lambda: _profiles(system, **right))
    assert profiles[0]["custom_attributes"] == {"plan": "gold"}
    assert _profiles(system, external_id="bad") == []


@pytest.mark.parametrize(
    ("value", "code"),
    [
        pytest.param({"a.b": 1}, "invalid_key", id="a key with a dot"),
        pytest.param(
            ["x" * 200 + str(number) for number in range(600)], None, id="100 KB of array"
        ),
    ],
)
def test_what_is_dropped_in_silence_is_dropped_and_told_in_the_log(
    system: System, client: httpx.Client, value: Any, code: str | None
) -> None:
    external_id = f"dropped-{type(value).__name__}"
    body = {"attributes": [{"external_id": external_id, "plan": "gold", "odd": value}]}
    answer = client.post(TRACK, json=body)
    assert (answer.status_code, answer.json()) == (
        201,
        {"message": "success", "attributes_processed": 1},
    )
    [profile] = wait_until("it is applied", lambda: _profiles(system, external_id=external_id))
    assert profile["custom_attributes"] == {"plan": "gold"}
    [delivery] = system.call("GET", "/api/deliveries", params={"q": external_id})["deliveries"]
    [warning] = [
        one for one in delivery["warnings"] if one["pointer"].startswith("/attributes/0/odd")
    ]
    assert code is None or warning["code"] == code


def _profiles(system: System, *, external_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = system.call(
        "GET", "/api/profiles", params={"external_id": external_id}
    )["profiles"]
    return found
