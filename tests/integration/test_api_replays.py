"""Replays over HTTP: which events go back to the queue, in what order, and which cannot."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.api import Api, running_api
from transformer.api import replays
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


def test_a_plan_counts_tells_what_hinders_and_runs_a_few(api: Api, orders: dict[str, Any]) -> None:
    unpublished = api.make(name="Later")
    rows = [api.log(orders, state=State.FAILED, body=b'{"n": 1}') for _ in range(7)]
    api.log(orders, state=State.FAILED, event_id="evt_" + "a" * 32)
    api.log(orders, state=State.FAILED, event_id=rows[0]["event_id"])
    api.log(unpublished, state=State.FAILED)
    api.log(orders, state=State.APPLIED)
    plan = api.post("/api/replays", {"filter": {"outcome": "failed"}, "plan": True})["plan"]
    assert (plan["found"], plan["to_do"], plan["repeated"]) == (10, 7, 1)
    assert plan["counts"] == sorted(
        [
            {"transformation_id": orders["id"], "outcome": "failed", "count": 9},
            {"transformation_id": unpublished["id"], "outcome": "failed", "count": 1},
        ],
        key=lambda group: str(group["transformation_id"]),
    )
    assert {one["reason"]: one["count"] for one in plan["obstacles"]} == {
        "Its event is no longer kept.": 1,
        "'Later' is not published.": 1,
    }
    assert [one["delivery_id"] for one in plan["sample"]] == [row["id"] for row in rows[:5]]
    assert plan["sample"][0]["output"]["payload"] == '{"n": 1}'
    assert plan["sample"][0]["revision_id"] == orders["revision"]
    assert plan["estimated_s"] > 0
    assert plan["accepted_from"] == rows[0]["accepted_at"]
    assert api.replayed == []
    assert api.get("/api/replays")["replays"] == [], "a plan leaves no record"


@pytest.mark.parametrize(
    ("criteria", "wanted"),
    [
        ({"error": "threw"}, [1]),
        ({"q": "needle"}, [2]),
        ({"accepted_from": "2026-03-01T12:00:02Z"}, [1, 2]),
        ({"accepted_until": "2026-03-01T12:00:02.000Z"}, [0]),
        (
            {"accepted_from": "2026-03-01T13:00:02+01:00", "accepted_until": "2026-03-01T12:00:03"},
            [1],
        ),
    ],
)
def test_a_filter_is_by_error_text_and_time(
    api: Api, orders: dict[str, Any], criteria: dict[str, str], wanted: list[int]
) -> None:
    rows = [
        api.log(orders, state=State.FAILED, body=body, error_code=code)
        for body, code in [(b"{}", "died"), (b"{}", "threw"), (b'"needle"', "died")]
    ]
    api.post("/api/replays", {"filter": criteria})
    assert [item.replay_of for item in _items(api)] == [rows[at]["id"] for at in wanted]


def test_a_time_that_is_none_is_refused_at_its_place(api: Api) -> None:
    answer = api.request("POST", "/api/replays", json={"filter": {"accepted_from": "yesterday"}})
    assert answer.status_code == 400
    assert answer.json()["error"]["pointer"] == "/filter/accepted_from"


def test_what_is_left_after_the_first_pages_is_left_to_the_scheduler(
    api: Api, orders: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replays, "WITHIN_REQUEST", 100)
    for _ in range(300):
        api.log(orders, state=State.FAILED)
    answer = api.post("/api/replays", {"filter": {"outcome": "failed"}})
    assert answer["found"] == 300
    assert 100 <= answer["replayed"] < 300
    assert (answer["state"], answer["remaining"]) == ("running", 300)
    assert api.get(f"/api/replays/{answer['id']}")["appended"] == answer["replayed"]


def test_a_replay_is_listed_and_can_be_cancelled_once(api: Api, orders: dict[str, Any]) -> None:
    row = api.log(orders, state=State.FAILED)
    first = api.post("/api/replays", {"delivery_ids": [row["id"]]})
    second = api.post("/api/replays", {"filter": {"transformation": orders["id"]}})
    listed = api.get("/api/replays", params={"limit": 1})
    assert [one["id"] for one in listed["replays"]] == [second["id"]]
    older = api.get("/api/replays", params={"cursor": listed["next_cursor"]})["replays"]
    assert [(one["id"], one["request"]) for one in older] == [
        (first["id"], {"delivery_ids": [row["id"]]})
    ]
    for _ in range(2):
        assert api.post(f"/api/replays/{first['id']}/cancel")["state"] == "cancelled"
    assert api.request("GET", "/api/replays/rpl_" + "0" * 32).status_code == 404


def test_a_replay_that_has_ended_cannot_be_cancelled(api: Api, orders: dict[str, Any]) -> None:
    done = api.post("/api/replays", {"filter": {"transformation": orders["id"]}})
    assert done["state"] == "done", "it found nothing, so nothing is left to do"
    answer = api.request("POST", f"/api/replays/{done['id']}/cancel")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")


def test_a_failed_delivery_is_tried_again_by_itself(api: Api, orders: dict[str, Any]) -> None:
    row = api.log(orders, state=State.FAILED, revision_id=orders["revision"])
    told = api.post(f"/api/deliveries/{row['id']}/retry")
    (item,) = _items(api)
    assert (item.retry_of, item.replay_of, item.attempt) == (row["id"], None, 2)
    assert item.revision_id == orders["revision"]
    assert (told["id"], told["attempt"]) == (row["id"], 2)


@pytest.mark.parametrize("state", [state for state in State if state is not State.FAILED])
def test_only_a_failed_delivery_is_tried_again(
    api: Api, orders: dict[str, Any], state: State
) -> None:
    row = api.log(orders, state=state, revision_id=orders["revision"])
    answer = api.request("POST", f"/api/deliveries/{row['id']}/retry")
    assert answer.status_code == 409
    assert state.value in answer.json()["error"]["message"]
    answered = api.post("/api/retries", {"delivery_ids": [row["id"]]})
    assert (answered["retried"], len(answered["not_retried"])) == (0, 1)
    assert api.replayed == []


def test_failed_deliveries_are_tried_again_by_a_filter(api: Api, orders: dict[str, Any]) -> None:
    wanted = [
        api.log(orders, state=State.FAILED, revision_id=orders["revision"], error_code="threw")
        for _ in range(3)
    ]
    api.log(orders, state=State.FAILED, revision_id=orders["revision"], error_code="died")
    api.log(orders, state=State.APPLIED, revision_id=orders["revision"])
    answer = api.post("/api/retries", {"filter": {"error": "threw"}})
    assert [item.retry_of for item in _items(api)] == [row["id"] for row in wanted]
    assert (answer["kind"], answer["retried"]) == ("retry", 3)
    plan = api.post("/api/retries", {"filter": {"error": "threw"}, "plan": True})["plan"]
    assert (plan["found"], plan["to_do"]) == (3, 3)


def test_a_delivery_that_never_had_a_revision_is_not_tried_again(
    api: Api, orders: dict[str, Any]
) -> None:
    row = api.log(orders, state=State.FAILED)
    answer = api.request("POST", f"/api/deliveries/{row['id']}/retry")
    assert answer.status_code == 409
    assert "POST /api/replays" in answer.json()["error"]["hint"]
