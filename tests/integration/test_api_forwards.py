"""Forwards over the console API: made, changed, tested, paused, and what they were refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.api import Api, running_api
from tests.support.braze_cluster import KEY, BrazeCluster, running_cluster
from tests.support.forward_bench import ForwardBench
from tests.support.settlements import attributes
from transformer.ids import ForwardId
from transformer.store.engine import reading, writing
from transformer.store.forwarding import Refusal, Round, claim, list_open, note_round
from transformer.store.forwards import read_forward
from transformer.store.outbox import read_waiting
from transformer.store.workspaces import DEFAULT_WORKSPACE_ID

CONFIGURED = {"name": "EU", "base_url": "https://rest.fra-01.braze.eu/", "credential": "s3cret-key"}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path) as running:
        yield running


@pytest.fixture
def cluster() -> Iterator[BrazeCluster]:
    with running_cluster() as running:
        yield running


@pytest.fixture
def bold(tmp_path: Path) -> Iterator[Api]:
    """An API that may reach private networks."""
    with running_api(tmp_path, forward_reach="any") as running:
        yield running


def made(api: Api, **given: Any) -> dict[str, Any]:
    answer: dict[str, Any] = api.post("/api/forwards", CONFIGURED | given)
    return answer


def stored_credential(api: Api, forward_id: str) -> str:
    with reading(api.engine) as connection:
        return read_forward(
            connection, workspace_id=DEFAULT_WORKSPACE_ID, forward_id=ForwardId(forward_id)
        ).credential


def test_a_forward_is_made_listed_and_removed(api: Api) -> None:
    forward = made(api)
    assert (forward["name"], forward["base_url"], forward["state"], forward["kind"]) == (
        "EU",
        "https://rest.fra-01.braze.eu",
        "active",
        "braze",
    )
    assert api.get("/api/forwards") == {"forwards": [forward]}
    read = api.get(f"/api/forwards/{forward['id']}")
    assert read == forward | {
        "waiting": 0,
        "oldest_at": None,
        "sent": 0,
        "sent_at": None,
        "refused": 0,
        "dead": 0,
        "left_out": 0,
        "left_out_at": None,
        "trouble": None,
    }
    assert api.request("DELETE", f"/api/forwards/{forward['id']}").json() == {}
    assert api.get("/api/forwards") == {"forwards": []}
    assert api.request("GET", f"/api/forwards/{forward['id']}").status_code == 404


def test_no_answer_shows_a_credential(api: Api) -> None:
    forward = made(api)
    one = f"/api/forwards/{forward['id']}"
    answers = [
        api.request("GET", "/api/forwards"),
        api.request("GET", one),
        api.request("PUT", one, json={"credential": "s3cret-other"}),
        api.request("POST", f"{one}/pause"),
        api.request("POST", "/api/forwards", json=CONFIGURED | {"credential": "s3cret key"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 400]
    assert not any("s3cret" in answer.text for answer in answers)
    assert stored_credential(api, forward["id"]) == "s3cret-other"


def test_another_address_needs_the_credential_anew(api: Api) -> None:
    one = f"/api/forwards/{made(api)['id']}"
    elsewhere = {"base_url": "https://elsewhere.example"}
    answer = api.request("PUT", one, json=elsewhere)
    assert (answer.status_code, answer.json()["error"]["pointer"]) == (400, "/credential")
    assert api.put(one, elsewhere | {"credential": "new"})["base_url"] == elsewhere["base_url"]
    assert api.put(one, {"name": "Other", **elsewhere})["name"] == "Other"


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"base_url": "http://rest.example"}, "/base_url"),
        ({"base_url": "https://169.254.169.254"}, "/base_url"),
        ({"name": ""}, "/name"),
        ({"credential": ""}, "/credential"),
        ({"credential": "two\r\nX-Lines: 1"}, "/credential"),
        ({"other": 1}, "/other"),
    ],
)
def test_a_forward_that_cannot_be_is_refused(
    api: Api, changed: dict[str, Any], pointer: str
) -> None:
    answer = api.request("POST", "/api/forwards", json=CONFIGURED | changed)
    assert (answer.status_code, answer.json()["error"]["pointer"]) == (400, pointer)


def test_a_forward_is_paused_and_resumed(api: Api) -> None:
    one = f"/api/forwards/{made(api)['id']}"
    assert api.post(f"{one}/pause")["state"] == "paused"
    assert api.get(one)["state"] == "paused"
    assert api.post(f"{one}/resume")["state"] == "active"


def test_testing_says_that_it_works_and_changes_nothing(bold: Api, cluster: BrazeCluster) -> None:
    one = made(bold, base_url=cluster.url, credential=KEY)
    assert bold.post(f"/api/forwards/{one['id']}/test")["works"] is True
    assert cluster.taken == []


def test_testing_tells_a_wrong_key(bold: Api, cluster: BrazeCluster) -> None:
    one = made(bold, base_url=cluster.url, credential="wrong")
    assert bold.post(f"/api/forwards/{one['id']}/test") == {
        "works": False,
        "status": 401,
        "message": "Invalid API key",
    }


def test_testing_tells_that_nobody_answers(bold: Api) -> None:
    one = made(bold, base_url="http://127.0.0.1:1")
    tested = bold.post(f"/api/forwards/{one['id']}/test")
    assert (tested["works"], tested["status"]) == (False, None)
    assert tested["message"]


def refuse_all(api: Api, forward_id: str, *, count: int) -> str:
    """Let the other side refuse a delivery's operations; gives the delivery's id."""
    with reading(api.engine) as connection:
        forward = read_forward(
            connection, workspace_id=DEFAULT_WORKSPACE_ID, forward_id=ForwardId(forward_id)
        )
    bench = ForwardBench(api.engine, forward)
    delivery = bench.apply(*(attributes(external_id="a", n=n) for n in range(count)))
    with writing(api.engine) as connection:
        (seen,) = list_open(connection)
        held = claim(connection, seen, holder="me:1")
        assert held is not None
        rows = read_waiting(connection, forward_id=forward.id, limit=count)
        why = Refusal("refused", "BAD_DEVICE_ID")
        note_round(
            connection,
            held,
            Round(refused=[(row, why) for row in rows]),
            may_have_arrived=(),
            in_flight=(),
            now=api.clock.now(),
        )
    return delivery


def test_what_was_refused_is_listed_in_pages_and_stands_at_its_delivery(api: Api) -> None:
    one = f"/api/forwards/{made(api)['id']}"
    delivery = refuse_all(api, one.rpartition("/")[2], count=3)
    first = api.get(f"{one}/refused", params={"limit": 2})
    second = api.get(f"{one}/refused", params={"cursor": first["next_cursor"]})
    found = [*first["refused"], *second["refused"]]
    assert [(row["delivery_id"], row["position"], row["object"]) for row in found] == [
        (delivery, n, f'{{"external_id":"a","n":{n}}}') for n in range(3)
    ]
    assert (found[0]["code"], found[0]["message"]) == ("refused", "BAD_DEVICE_ID")
    assert second["next_cursor"] is None
    (told,) = api.get(f"/api/deliveries/{delivery}")["forwards"]
    assert [row["position"] for row in told["refused"]] == [0, 1, 2]
    assert (told["asked"], told["sent"], told["waiting"]) == (3, 0, 0)
    assert api.request("GET", f"{one}/refused", params={"cursor": "x"}).status_code == 400
    assert api.get(f"{one}/refused", params={"cursor": "9" * 40})["refused"] == []


def test_what_was_refused_is_queued_anew_or_dropped(api: Api) -> None:
    one = f"/api/forwards/{made(api)['id']}"
    refuse_all(api, one.rpartition("/")[2], count=3)
    assert api.get(one)["dead"] == 3
    assert api.post(f"{one}/requeue") == {"requeued": 3}
    assert (api.get(one)["dead"], api.get(one)["waiting"]) == (0, 3)
    assert api.request("DELETE", f"{one}/refused").json() == {"dropped": 0}


def test_a_delivery_that_went_nowhere_else_says_so(api: Api) -> None:
    row = api.log(None)
    assert api.get(f"/api/deliveries/{row['id']}")["forwards"] == []
