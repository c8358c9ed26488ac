"""``POST /users/track``: what is answered, and what is applied (braze.md §2.1)."""

from typing import Any

import httpx
import orjson
import pytest

from tests.support.system import System
from tests.support.waiting import wait_until

TRACK = "/users/track"
TIME = "2026-01-02T03:04:05Z"
MISSING = "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"
NOTHING_VALID = "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."


def _event(external_id: str, **given: Any) -> dict[str, Any]:
    return {"external_id": external_id, "name": "Seen", "time": TIME} | given


def _profiles(system: System, external_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = system.call(
        "GET", "/api/profiles", params={"external_id": external_id}
    )["profiles"]
    return found


def _wait_for(system: System, external_id: str) -> dict[str, Any]:
    return wait_until("the profile is there", lambda: _profiles(system, external_id))[0]


def test_a_valid_call_is_answered_with_its_counts_and_applied(
    system: System, client: httpx.Client
) -> None:
    answer = client.post(
        TRACK,
        json={
            "attributes": [{"external_id": "t1", "plan": "gold"}],
            "events": [_event("t1"), _event("t1")],
            "purchases": [],
            "partner": "somebody",
        },
    )
    assert answer.status_code == 201
    assert answer.json() == {
        "message": "success",
        "attributes_processed": 1,
        "events_processed": 2,
        "purchases_processed": 0,
    }
    profile = _wait_for(system, "t1")
    assert profile["custom_attributes"] == {"plan": "gold"}
    assert profile["custom_events"][0]["count"] == 2


def test_invalid_objects_are_told_by_their_place_and_the_others_applied(
    system: System, client: httpx.Client
) -> None:
    answer = client.post(
        TRACK,
        json={
            "attributes": [{"plan": "nobody's"}, {"external_id": "t2", "plan": "gold"}, 7],
            "events": [_event("t2", time="yesterday"), _event("t2")],
        },
    )
    assert answer.status_code == 201
    assert answer.json() == {
        "message": "success",
        "attributes_processed": 1,
        "events_processed": 1,
        "errors": [
            {"type": MISSING, "input_array": "attributes", "index": 0},
            {"type": MISSING, "input_array": "attributes", "index": 2},
            {"type": "'time' is not valid", "input_array": "events", "index": 0},
        ],
    }
    profile = _wait_for(system, "t2")
    assert profile["custom_attributes"] == {"plan": "gold"}
    assert profile["custom_events"][0]["count"] == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="no array"),
        pytest.param({"attributes": []}, id="an empty array"),
        pytest.param({"attributes": None, "partner": "x"}, id="null"),
        pytest.param({"attributes": [{"plan": "gold"}]}, id="no valid object"),
        pytest.param({"attribtues": [{"external_id": "u"}]}, id="an unknown array"),
    ],
)
def test_a_call_with_nothing_valid_is_refused(client: httpx.Client, body: Any) -> None:
    answer = client.post(TRACK, json=body)
    assert answer.status_code == 400
    assert answer.json()["message"] == NOTHING_VALID


@pytest.mark.parametrize("array", ["attributes", "events", "purchases"])
def test_an_array_that_is_none_is_refused(client: httpx.Client, array: str) -> None:
    answer = client.post(TRACK, json={"attributes": [{"external_id": "t3"}]} | {array: {"a": 1}})
    assert (answer.status_code, answer.json()) == (
        400,
        {"message": f"'{array}' must be an array of objects"},
    )


def test_75_objects_of_all_arrays_together_are_taken_and_76_are_not(
    client: httpx.Client,
) -> None:
    attributes = [{"external_id": f"t4-{number}"} for number in range(40)]
    events = [_event(f"t4-{number}") for number in range(35)]
    body = {"attributes": attributes, "events": events}
    assert client.post(TRACK, json=body).status_code == 201
    answer = client.post(TRACK, json=body | {"events": [*events, _event("t4")]})
    assert (answer.status_code, answer.json()) == (400, {"message": "Max Input Length Exceeded"})


def test_4_mb_are_taken(client: httpx.Client) -> None:
    # A value of this size is dropped, with a warning in the log; the object is applied without it.
    room = 4 * 1_048_576 - len(orjson.dumps({"attributes": [{"external_id": "t5", "a": ""}]}))
    body = {"attributes": [{"external_id": "t5", "a": "x" * room}]}
    assert client.post(TRACK, json=body).status_code == 201


def test_a_call_is_one_event_and_one_delivery_in_the_log(
    system: System, client: httpx.Client
) -> None:
    body = {"attributes": [{"plan": "x"}, {"external_id": "t6", "plan": "gold"}]}
    client.post(TRACK, json=body, headers={"x-request-id": "abc"}).raise_for_status()
    _wait_for(system, "t6")
    [delivery] = system.call("GET", "/api/deliveries", params={"q": '"t6"'})["deliveries"]
    assert delivery["outcome"] == "applied"
    assert delivery["payload"] == body
    assert delivery["headers"]["X-Request-Id"] == "abc"
    assert "Authorization" not in delivery["headers"]
    assert [operation["object"] for operation in delivery["operations"]] == body["attributes"][1:]
    assert [(error["code"], error["pointer"]) for error in delivery["errors"]] == [
        ("missing_identifier", "/attributes/0")
    ]


def test_an_answer_says_what_is_left_of_the_rate(client: httpx.Client) -> None:
    answer = client.post(TRACK, json={})
    assert answer.status_code == 400
    assert answer.headers["x-ratelimit-limit"] == "3000"
    assert 0 <= int(answer.headers["x-ratelimit-remaining"]) < 3000
    assert int(answer.headers["x-ratelimit-reset"]) % 3 == 0


def test_a_delivery_tells_of_its_errors_what_the_call_was_answered(
    system: System, client: httpx.Client
) -> None:
    body = {"attributes": [{"external_id": "t7"}, {"plan": "x"}], "events": [{"external_id": "t7"}]}
    answered = client.post(TRACK, json=body).json()["errors"]
    _wait_for(system, "t7")
    [delivery] = system.call("GET", "/api/deliveries", params={"q": '"t7"'})["deliveries"]
    told = [{name: error[name] for name in answered[0]} for error in delivery["errors"]]
    assert told == answered


@pytest.mark.parametrize("path", ["/api/replays", "/api/retries"])
def test_a_call_goes_through_no_transformation_afterwards_either(
    system: System, client: httpx.Client, path: str
) -> None:
    external_id = f"t8-{path.rpartition('/')[2]}"
    client.post(TRACK, json={"attributes": [{"external_id": external_id}]}).raise_for_status()
    _wait_for(system, external_id)
    made = system.make("Whatever comes", "throw new Error('a call was run')")
    revision = system.call("GET", f"/api/transformations/{made.id}/revisions")["revisions"][0]
    asked: dict[str, Any] = {"filter": {"q": external_id}, "plan": True}
    if path == "/api/replays":
        asked["revision"] = revision["id"]
    plan = system.call("POST", path, json=asked)["plan"]
    assert plan["to_do"] == 0
    if path == "/api/replays":
        [obstacle] = plan["obstacles"]
        assert obstacle["count"] == 1
        assert "call of the REST API" in obstacle["reason"]
