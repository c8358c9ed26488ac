"""Replays over HTTP: which events go back to the queue, in what order, and which cannot."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.api import Api, running_api
from transformer.delivery import State
from transformer.errors import QueueUnavailable
from transformer.replay import ReplayItem


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path) as running:
        yield running


@pytest.fixture
def orders(api: Api) -> dict[str, Any]:
    """A published transformation."""
    return _published(api)


def _published(api: Api) -> dict[str, Any]:
    made = api.make()
    made["revision"] = api.post(f"/api/transformations/{made['id']}/publish")["revision"]["id"]
    return made


def _items(api: Api) -> list[ReplayItem]:
    return [item for items in api.replayed for item in items]


def test_a_delivery_is_replayed_with_the_event_it_was_made_of(
    api: Api, orders: dict[str, Any]
) -> None:
    row = api.log(orders, body=b'{"n": 1}')
    answer = api.post("/api/replays", {"delivery_ids": [row["id"]]})
    (item,) = _items(api)
    assert (item.event.id, item.event.body) == (row["event_id"], b'{"n": 1}')
    assert (item.transformation_id, item.revision_id) == (orders["id"], None)
    assert (item.replay_of, item.source_name) == (row["id"], "Orders")
    assert answer["replayed"] == 1
    assert answer["deliveries"][0]["replay_of"] == row["id"]
    assert answer["not_replayed"] == []


def test_a_replay_may_name_the_revision_to_run(api: Api, orders: dict[str, Any]) -> None:
    row = api.log(orders)
    api.post("/api/replays", {"delivery_ids": [row["id"]], "revision": orders["revision"]})
    assert [item.revision_id for item in _items(api)] == [orders["revision"]]


def test_events_are_replayed_in_the_order_of_their_acceptance(
    api: Api, orders: dict[str, Any]
) -> None:
    rows = [api.log(orders, state=State.FAILED) for _ in range(4)]
    shuffled = [rows[at]["id"] for at in (2, 0, 3, 1)]
    api.post("/api/replays", {"delivery_ids": shuffled})
    assert [item.event.id for item in _items(api)] == [row["event_id"] for row in rows]


def test_a_filter_replays_all_that_it_matches(api: Api, orders: dict[str, Any]) -> None:
    other = _published(api)
    wanted = [api.log(orders, state=State.FAILED)["id"] for _ in range(3)]
    api.log(orders, state=State.APPLIED)
    api.log(other, state=State.FAILED)
    criteria = {"transformation": orders["id"], "outcome": "failed"}
    answer = api.post("/api/replays", {"filter": criteria})
    assert answer["replayed"] == 3
    assert [item.replay_of for item in _items(api)] == wanted


def test_more_than_a_page_is_replayed_in_bounded_portions(api: Api, orders: dict[str, Any]) -> None:
    rows = [api.log(orders, state=State.FAILED)["id"] for _ in range(600)]
    answer = api.post("/api/replays", {"filter": {"outcome": "failed"}})
    assert answer["replayed"] == 600
    assert [item.replay_of for item in _items(api)] == rows
    assert max(len(items) for items in api.replayed) <= 256


def test_large_bodies_are_replayed_a_few_at_a_time(api: Api, orders: dict[str, Any]) -> None:
    for _ in range(5):
        api.log(orders, body=b'"' + b"x" * 2_000_000 + b'"', state=State.FAILED)
    api.post("/api/replays", {"filter": {"outcome": "failed"}})
    assert [len(items) for items in api.replayed] == [3, 2]


def test_an_event_that_failed_again_in_a_replay_is_replayed_once(
    api: Api, orders: dict[str, Any]
) -> None:
    first = api.log(orders, state=State.FAILED)
    second = api.log(orders, state=State.FAILED, event_id=first["event_id"])
    answer = api.post("/api/replays", {"filter": {"outcome": "failed"}})
    assert answer["replayed"] == 1
    assert [item.replay_of for item in _items(api)] == [second["id"]]


def test_a_captured_webhook_is_replayed_once_its_transformation_is_published(api: Api) -> None:
    made = api.make()
    row = api.log(made, state=State.CAPTURED)
    before = api.post("/api/replays", {"delivery_ids": [row["id"]]})
    assert before["replayed"] == 0
    assert before["not_replayed"] == [{"id": row["id"], "reason": "'Orders' is not published."}]
    api.post(f"/api/transformations/{made['id']}/publish")
    assert api.post("/api/replays", {"delivery_ids": [row["id"]]})["replayed"] == 1


def test_an_unpublished_transformation_replays_with_a_revision_that_is_named(
    api: Api, orders: dict[str, Any]
) -> None:
    row = api.log(orders)
    api.post(f"/api/transformations/{orders['id']}/unpublish")
    body = {"delivery_ids": [row["id"]], "revision": orders["revision"]}
    assert api.post("/api/replays", body)["replayed"] == 1


def test_a_revision_of_another_transformation_is_not_run(api: Api, orders: dict[str, Any]) -> None:
    row = api.log(_published(api))
    body = {"delivery_ids": [row["id"]], "revision": orders["revision"]}
    answer = api.post("/api/replays", body)
    assert answer["replayed"] == 0
    assert "not one of" in answer["not_replayed"][0]["reason"]
    assert api.replayed == []


def test_an_event_that_is_no_longer_kept_is_left_out_and_named(
    api: Api, orders: dict[str, Any]
) -> None:
    gone = api.log(orders, event_id="evt_" + "a" * 32)
    kept = api.log(orders)
    answer = api.post("/api/replays", {"delivery_ids": [gone["id"], kept["id"]]})
    assert [item.replay_of for item in _items(api)] == [kept["id"]]
    assert answer["not_replayed"] == [{"id": gone["id"], "reason": "Its event is no longer kept."}]


def test_a_webhook_that_had_no_transformation_is_left_out_and_named(api: Api) -> None:
    row = api.log(None, state=State.CAPTURED)
    answer = api.post("/api/replays", {"delivery_ids": [row["id"]]})
    assert "name a revision" in answer["not_replayed"][0]["reason"]


def test_an_unknown_delivery_is_not_found_at_its_place_and_nothing_is_replayed(
    api: Api, orders: dict[str, Any]
) -> None:
    row = api.log(orders)
    body = {"delivery_ids": [row["id"], "dlv_" + "f" * 32]}
    answer = api.request("POST", "/api/replays", json=body)
    assert answer.status_code == 404
    assert answer.json()["error"]["pointer"] == "/delivery_ids/1"
    assert api.replayed == []


def test_an_unknown_revision_is_not_found(api: Api, orders: dict[str, Any]) -> None:
    body = {"delivery_ids": [api.log(orders)["id"]], "revision": "rev_" + "f" * 32}
    answer = api.request("POST", "/api/replays", json=body)
    assert (answer.status_code, answer.json()["error"]["pointer"]) == (404, "/revision")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"delivery_ids": []},
        {"filter": {}},
        {"filter": {"outcome": "ok"}},
        {"filter": {"state": "failed"}},
        {"delivery_ids": ["evt_" + "0" * 32]},
        {"delivery_ids": ["dlv_" + "0" * 32], "filter": {"outcome": "failed"}},
    ],
)
def test_a_body_that_does_not_say_what_to_replay_is_refused(api: Api, body: object) -> None:
    answer = api.request("POST", "/api/replays", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_request"


def test_a_queue_that_does_not_answer_is_no_success(api: Api, orders: dict[str, Any]) -> None:
    row = api.log(orders)
    api.failing = QueueUnavailable("Redis does not answer.")
    answer = api.request("POST", "/api/replays", json={"delivery_ids": [row["id"]]})
    assert answer.status_code == 503
