"""The delivery log over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.api import Api, running_api
from transformer.delivery import State


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path) as running:
        yield running


def _ids(api: Api, **query: str | int) -> list[str]:
    listed = api.get("/api/deliveries", params=query)["deliveries"]
    return [delivery["id"] for delivery in listed]


def test_deliveries_are_listed_newest_first(api: Api) -> None:
    made = api.make()
    rows = [api.log(made) for _ in range(3)]
    assert _ids(api) == [row["id"] for row in reversed(rows)]


def test_pages_follow_each_other_without_a_gap_while_new_deliveries_arrive(api: Api) -> None:
    made = api.make()
    rows = [api.log(made)["id"] for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = api.get("/api/deliveries", params=query)
        seen += [delivery["id"] for delivery in page["deliveries"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        api.log(made)
    assert seen == rows[::-1]


def test_a_page_that_is_just_full_is_the_last_one(api: Api) -> None:
    made = api.make()
    rows = [api.log(made) for _ in range(2)]
    page = api.get("/api/deliveries", params={"limit": 2})
    assert len(page["deliveries"]) == len(rows)
    assert page["next_cursor"] is None


def test_deliveries_are_filtered_by_transformation(api: Api) -> None:
    one, other = api.make(), api.make()
    api.log(one)
    wanted = api.log(other)
    assert _ids(api, transformation=other["id"]) == [wanted["id"]]


def test_deliveries_are_filtered_by_outcome(api: Api) -> None:
    made = api.make()
    rows = {state: api.log(made, state=state)["id"] for state in State}
    for state, delivery_id in rows.items():
        assert _ids(api, outcome=state.value) == [delivery_id]


def test_deliveries_are_searched_by_text(api: Api) -> None:
    made = api.make()
    wanted = api.log(made, body=b'{"email": "ada@example.com"}')
    api.log(made, body=b'{"email": "bob@example.com"}')
    assert _ids(api, q="ada@") == [wanted["id"]]
    assert _ids(api, q=wanted["event_id"]) == [wanted["id"]]


def test_a_search_for_nothing_finds_everything(api: Api) -> None:
    row = api.log(api.make())
    assert _ids(api, q="") == [row["id"]]


@pytest.mark.parametrize("limit", ["0", "-1", "201", "ten", "1.5", "", "٣", "9" * 5_000])
def test_a_limit_that_is_no_number_in_range_is_refused(api: Api, limit: str) -> None:
    answer = api.request("GET", "/api/deliveries", params={"limit": limit})
    assert answer.status_code == 400
    assert "from 1 to 200" in answer.json()["error"]["message"]


@pytest.mark.parametrize("outcome", ["ok", "pending", "Applied", ""])
def test_an_unknown_outcome_is_refused_with_those_there_are(api: Api, outcome: str) -> None:
    answer = api.request("GET", "/api/deliveries", params={"outcome": outcome})
    assert answer.status_code == 400
    assert "applied, skipped, failed, captured" in answer.json()["error"]["message"]


def test_a_cursor_that_is_no_delivery_id_is_refused(api: Api) -> None:
    answer = api.request("GET", "/api/deliveries", params={"cursor": "2"})
    assert answer.status_code == 400


def test_a_delivery_is_read_whole(api: Api) -> None:
    made = api.make()
    rows = [api.log(made, body=b'{"n": %d}' % number) for number in range(3)]
    for number, row in enumerate(rows):
        delivery = api.get(f"/api/deliveries/{row['id']}")
        assert (delivery["id"], delivery["outcome"]) == (row["id"], "applied")
        assert delivery["payload"] == {"n": number}


def test_a_delivery_that_is_not_in_the_log_is_not_found(api: Api) -> None:
    api.log(api.make())
    answer = api.request("GET", "/api/deliveries/dlv_" + "f" * 32)
    assert answer.status_code == 404
    assert "no delivery dlv_ffff" in answer.json()["error"]["message"]
