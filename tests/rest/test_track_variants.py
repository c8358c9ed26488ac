"""``/users/track/bulk`` and ``/users/track/sync``: where they differ from ``/users/track``."""

from typing import Any

import httpx
import pytest

from tests.rest.test_track import NOTHING_VALID, TIME
from tests.support.system import System
from tests.support.waiting import wait_until

SYNC = "/users/track/sync"
BULK = "/users/track/bulk"


def test_a_synchronous_call_is_answered_with_what_became_of_the_user(
    client: httpx.Client,
) -> None:
    answer = client.post(
        SYNC, json={"attributes": [{"external_id": "s1", "plan": "gold", "first_name": "Ana"}]}
    )
    assert (answer.status_code, answer.json()) == (
        201,
        {
            "users": [{"external_id": "s1", "custom_attributes": {"plan": "gold"}}],
            "message": "success",
        },
    )
    again = client.post(SYNC, json={"attributes": [{"external_id": "s1", "visits": {"inc": 2}}]})
    assert again.json()["users"] == [{"external_id": "s1", "custom_attributes": {"visits": 2}}]


@pytest.mark.parametrize(
    ("identifier", "given"),
    [
        pytest.param("external_id", "s2", id="external_id"),
        pytest.param("user_alias", {"alias_name": "s2", "alias_label": "sync"}, id="user_alias"),
        pytest.param("email", "s2@example.com", id="email"),
        pytest.param("phone", "+351210000002", id="phone"),
    ],
)
def test_a_synchronous_call_names_the_user_as_it_was_named(
    client: httpx.Client, identifier: str, given: Any
) -> None:
    described = {identifier: given, "_update_existing_only": False, "plan": "gold"}
    [user] = client.post(SYNC, json={"attributes": [described]}).json()["users"]
    assert user == {identifier: given, "custom_attributes": {"plan": "gold"}}


def test_a_synchronous_event_is_answered_with_its_summary(client: httpx.Client) -> None:
    later = "2026-01-03T03:04:05Z"
    for time in (later, TIME):
        body = {"events": [{"external_id": "s3", "name": "Seen", "time": time}]}
        answer = client.post(SYNC, json=body)
    [user] = answer.json()["users"]
    [summary] = user["custom_events"]
    assert (summary["name"], summary["count"]) == ("Seen", 2)
    assert summary["first"] < summary["last"]


def test_a_synchronous_purchase_is_answered_with_its_summary(client: httpx.Client) -> None:
    purchase = {"product_id": "teapot", "currency": "EUR", "price": 9.5, "quantity": 3}
    body = {"purchases": [{"external_id": "s4", "time": TIME} | purchase]}
    [user] = client.post(SYNC, json=body).json()["users"]
    [summary] = user["purchase_events"]
    assert (summary["product_id"], summary["count"]) == ("teapot", 3)
    assert summary.keys() == {"product_id", "first", "last", "count"}


@pytest.mark.parametrize(
    "described",
    [
        pytest.param({"external_id": "s5", "_update_existing_only": True}, id="update only"),
        pytest.param({"user_alias": {"alias_name": "s5", "alias_label": "x"}}, id="an alias"),
        pytest.param({"braze_id": "s5"}, id="a braze_id"),
    ],
)
def test_a_synchronous_call_that_means_nobody_is_answered_with_no_user(
    client: httpx.Client, described: dict[str, Any]
) -> None:
    answer = client.post(SYNC, json={"attributes": [described | {"plan": "x"}]})
    assert (answer.status_code, answer.json()) == (201, {"users": [], "message": "success"})


def test_a_synchronous_call_that_the_profile_does_not_allow_is_refused(
    client: httpx.Client,
) -> None:
    client.post(SYNC, json={"attributes": [{"external_id": "s6", "visits": "many"}]})
    answer = client.post(SYNC, json={"attributes": [{"external_id": "s6", "visits": {"inc": 1}}]})
    assert answer.status_code == 400
    assert answer.json() == {
        "message": NOTHING_VALID,
        "errors": [{"type": "'visits' is not valid", "input_array": "attributes", "index": 0}],
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(
            {"attributes": [{"external_id": "s7"}, {"external_id": "s7"}]},
            "Max Input Length Exceeded",
            id="two objects",
        ),
        pytest.param({"attributes": []}, NOTHING_VALID, id="no object"),
        pytest.param({"attributes": [{}]}, NOTHING_VALID, id="nobody"),
    ],
)
def test_a_synchronous_call_takes_exactly_one_object(
    client: httpx.Client, body: Any, message: str
) -> None:
    answer = client.post(SYNC, json=body)
    assert (answer.status_code, answer.json()["message"]) == (400, message)


def test_1000_objects_in_bulk_are_taken_and_1001_are_not(
    system: System, client: httpx.Client
) -> None:
    attributes = [{"external_id": f"b1-{number}", "plan": "gold"} for number in range(1_000)]
    answer = client.post(BULK, json={"attributes": attributes})
    assert (answer.status_code, answer.json()) == (
        201,
        {"message": "success", "attributes_processed": 1_000},
    )
    wait_until(
        "all are there",
        lambda: (
            system.rows("select count(*) from profiles where external_id like 'b1-%'") == [(1_000,)]
        ),
    )
    more = client.post(BULK, json={"attributes": [*attributes, {"external_id": "b1"}]})
    assert (more.status_code, more.json()) == (400, {"message": "Max Input Length Exceeded"})


@pytest.mark.parametrize(("count", "status"), [(100, 201), (101, 400)])
def test_100_objects_of_one_user_in_bulk_are_taken_and_101_are_not(
    client: httpx.Client, count: int, status: int
) -> None:
    events = [{"external_id": "b2", "name": "Seen", "time": TIME}] * count
    assert client.post(BULK, json={"events": events}).status_code == status


def test_2_mb_in_bulk_are_taken_and_more_are_not(client: httpx.Client) -> None:
    room = 2 * 1_048_576 - len(b'{"attributes":[{"external_id":"b3","a":""}]}')
    for more, status in ((0, 201), (1, 400)):
        body = b'{"attributes":[{"external_id":"b3","a":"%b"}]}' % (b"x" * (room + more))
        answer = client.post(BULK, content=body, headers={"content-type": "application/json"})
        assert answer.status_code == status
