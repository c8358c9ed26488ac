"""A forwarder against a real HTTP server that answers as a Braze cluster does, and fails as one may."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.braze_cluster import BrazeCluster, Fault, running_cluster
from tests.support.forward_bench import ForwardBench, forward_bench
from tests.support.settlements import WORKSPACE, attributes, event, item, make_settlement, purchase
from tests.support.waiting import wait_until
from transformer.clock import SystemClock
from transformer.forward.sender import Pace
from transformer.store.catalogs import create_catalog
from transformer.store.deliveries import list_deliveries
from transformer.store.engine import Connection, reading, writing
from transformer.store.forwarding import Claim, Orders, Round, claim, list_open, note_round
from transformer.store.forwards import ForwardState
from transformer.store.outbox import read_waiting

MAX_OBJECTS = 75


@pytest.fixture
def cluster() -> Iterator[BrazeCluster]:
    with running_cluster() as running:
        yield running


@pytest.fixture
def bench(tmp_path: Path, cluster: BrazeCluster) -> Iterator[ForwardBench]:
    with forward_bench(tmp_path, cluster.url) as made:
        yield made


def _numbered(bench: ForwardBench, *, profiles: int, each: int) -> None:
    """Apply deliveries that give each profile the numbers from 0, in turns."""
    bench.apply_all(
        [
            make_settlement(attributes(external_id=f"p{profile}", n=number))
            for number in range(each)
            for profile in range(profiles)
        ]
    )


def _numbers(cluster: BrazeCluster) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for one in cluster.objects("attributes"):
        found.setdefault(one["external_id"], []).append(one["n"])
    return found


def test_what_was_applied_arrives_as_the_code_returned_it(
    bench: ForwardBench, cluster: BrazeCluster
) -> None:
    sent = [
        attributes(external_id="a", plan="pro", visits={"inc": 2}),
        event(external_id="a", name="Signed up", properties={"from": "web"}),
        purchase(external_id="a", price=9.5),
    ]
    delivery = bench.apply(*sent)
    with bench.forwarding():
        bench.wait_until_empty()
    assert cluster.objects("attributes") == [sent[0]["object"]]
    assert cluster.objects("events") == [sent[1]["object"]]
    assert cluster.objects("purchases") == [sent[2]["object"]]
    told = bench.told(delivery)
    assert (told["asked"], told["sent"], told["waiting"], told["refused"]) == (3, 3, 0, [])
    assert (bench.standing().sent, bench.standing().trouble) == (3, None)


def test_profiles_keep_their_order_while_calls_are_made_side_by_side(
    bench: ForwardBench, cluster: BrazeCluster
) -> None:
    # To see it fail: let `_Cutting._batch_for` look for an owner no more.
    _numbered(bench, profiles=150, each=6)
    with bench.forwarding():
        bench.wait_until_empty()
    assert _numbers(cluster) == {f"p{profile}": list(range(6)) for profile in range(150)}
    assert cluster.overlaps == []
    sizes = [len(call.body["attributes"]) for call in cluster.received]
    assert max(sizes) == MAX_OBJECTS
    assert len(sizes) <= 900 / MAX_OBJECTS + 6


def test_calls_are_made_at_the_same_time(bench: ForwardBench, cluster: BrazeCluster) -> None:
    bench.timeout_s = 10
    hold = threading.Event()
    # What is read at once grows with each round: of 1, 1, 3 and then 4 calls.
    cluster.faults.extend([*[None] * 5, *[Fault(hold=hold, takes=True)] * 4])
    _numbered(bench, profiles=900, each=1)
    with bench.forwarding():
        wait_until("four calls are there", lambda: len(cluster.in_flight) == 4)
        hold.set()
        bench.wait_until_empty()
    assert len(cluster.objects()) == 900


FAULTS: list[tuple[str, list[Fault], bool]] = [
    ("a connection that is reset before anything took effect", [Fault()], True),
    ("a connection that is reset after it took effect", [Fault(takes=True)], True),
    ("no answer in time", [Fault(hold=threading.Event(), status=500)], True),
    ("500", [Fault(status=500)], True),
    ("503", [Fault(status=503)], True),
    ("a page of some proxy", [Fault(status=200, body=b"<html>hello</html>")], True),
    ("a success that is none", [Fault(status=201, body={"message": "overloaded"})], False),
    ("429 without a word", [Fault(status=429)], False),
    ("413", [Fault(status=413)], False),
]


@pytest.mark.parametrize(("_name", "faults", "in_doubt"), FAULTS, ids=[row[0] for row in FAULTS])
def test_nothing_is_lost_nor_out_of_order_after(
    bench: ForwardBench, cluster: BrazeCluster, _name: str, faults: list[Fault], in_doubt: bool
) -> None:
    bench.timeout_s = 0.5
    cluster.faults.extend(faults)
    _numbered(bench, profiles=2, each=5)
    delivery = bench.apply(attributes(external_id="p0", n=5))
    with bench.forwarding():
        bench.wait_until_empty()
    standing = bench.standing()
    assert (standing.sent, standing.dead, standing.trouble) == (11, 0, None)
    # What took effect before the connection broke comes twice, and its delivery says that it may have.
    repeats = 1 + any(fault.takes for fault in faults)
    assert _numbers(cluster) == {"p0": [*range(6)] * repeats, "p1": [*range(5)] * repeats}
    assert bench.told(delivery)["sent_again"] == int(in_doubt)


def test_a_limit_of_the_other_side_is_kept(bench: ForwardBench, cluster: BrazeCluster) -> None:
    cluster.faults.append(Fault(status=429, headers={"X-Ratelimit-Retry-After": "1"}))
    bench.apply(attributes(external_id="a", n=1))
    with bench.forwarding():
        trouble = bench.wait_for_trouble()
        bench.wait_until_empty()
    assert (trouble["code"], trouble["path"]) == ("http_429", "/users/track")
    first, second = (call.at_s for call in cluster.received)
    assert second - first >= 1


def test_a_limit_that_is_used_up_is_waited_for_before_it_is_broken(
    bench: ForwardBench, cluster: BrazeCluster
) -> None:
    cluster.headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}
    _numbered(bench, profiles=1, each=MAX_OBJECTS + 1)
    with bench.forwarding():
        bench.wait_until_empty()
    first, second = (call.at_s for call in cluster.received)
    assert second - first >= 1


def test_an_error_of_one_object_finds_its_delivery(
    bench: ForwardBench, cluster: BrazeCluster
) -> None:
    blamed = {"type": "BAD_LOCATION_UPDATE", "input_array": "attributes", "index": 1}
    body = {"message": "success", "attributes_processed": 2, "errors": [blamed]}
    cluster.faults.append(Fault(status=201, body=body))
    first = bench.apply(attributes(external_id="a", n=1))
    second = bench.apply(event(external_id="b", name="x"), attributes(external_id="b", n=2))
    with bench.forwarding():
        bench.wait_until_empty()
    refused = {
        "position": 1,
        "kind": "attributes",
        "code": "refused",
        "message": "BAD_LOCATION_UPDATE",
    }
    assert bench.told(first)["refused"] == []
    assert (bench.told(second)["sent"], bench.told(second)["refused"]) == (1, [refused])
    assert (bench.standing().sent, bench.standing().refused, bench.standing().dead) == (2, 1, 1)


def test_a_call_refused_as_a_whole_is_made_in_halves_until_one_object_is_to_blame(
    bench: ForwardBench, cluster: BrazeCluster
) -> None:
    # To see it fail: leave out `self._halve(batch)` in Books._enter_refused.
    def judge(_path: str, body: Any) -> Fault | None:
        bad = any(one["external_id"] == "p7" for one in body["attributes"])
        return Fault(status=400, body={"message": "no"}) if bad else None

    cluster.judge = judge
    _numbered(bench, profiles=20, each=3)
    with bench.forwarding():
        bench.wait_until_empty()
    others = {f"p{profile}": [0, 1, 2] for profile in range(20) if profile != 7}
    assert _numbers(cluster) == others
    assert (bench.standing().sent, bench.standing().dead) == (57, 3)


def test_a_wrong_key_costs_nothing_and_a_right_one_is_in_force_at_once(
    bench: ForwardBench, cluster: BrazeCluster
) -> None:
    # To see it fail: leave out `self._books.start_anew()` in Sender._note, and wait for a minute.
    cluster.key = "another"
    bench.apply(attributes(external_id="a", n=1))
    with bench.forwarding():
        trouble = bench.wait_for_trouble()
        assert (trouble["code"], trouble["message"]) == ("http_401", "Invalid API key")
        bench.change(credential="another")
        bench.wait_until_empty()
    assert (bench.standing().sent, bench.standing().dead) == (1, 0)
    assert bench.standing().trouble is None


def test_a_redirect_is_not_followed(bench: ForwardBench, cluster: BrazeCluster) -> None:
    with running_cluster() as elsewhere:
        target = {"Location": f"{elsewhere.url}/users/track"}
        cluster.faults.append(Fault(status=307, headers=target))
        bench.apply(attributes(external_id="a", n=1))
        with bench.forwarding():
            trouble = bench.wait_for_trouble()
        assert trouble["code"] == "http_307"
        assert elsewhere.received == []
    assert bench.standing().waiting == 1


def test_private_addresses_are_not_reached_unless_a_setting_allows_it(
    bench: ForwardBench, cluster: BrazeCluster
) -> None:
    bench.apply(attributes(external_id="a", n=1))
    with bench.forwarding(reach="public"):
        trouble = bench.wait_for_trouble()
    assert trouble["message"] == "127.0.0.1 is 127.0.0.1, which is no public address"
    assert cluster.received == []


def test_a_paused_forward_keeps_what_is_applied_until_it_is_resumed(
    bench: ForwardBench, cluster: BrazeCluster
) -> None:
    bench.set_state(ForwardState.PAUSED)
    with bench.forwarding():
        bench.apply(attributes(external_id="a", n=1))
        bench.set_state(ForwardState.ACTIVE)
        bench.wait_until_empty()
        calls = len(cluster.received)
        bench.set_state(ForwardState.PAUSED)
        bench.apply(attributes(external_id="a", n=2))
        # A second forward shows that the forwarder has looked since.
        assert bench.standing().waiting == 1
        assert len(cluster.received) == calls
        bench.set_state(ForwardState.ACTIVE)
        bench.wait_until_empty()
    assert _numbers(cluster) == {"a": [1, 2]}


def test_catalog_items_go_to_their_calls_each_item_once_a_call_and_in_order(
    bench: ForwardBench, cluster: BrazeCluster
) -> None:
    fields = [{"name": "id", "type": "string"}, {"name": "n", "type": "number"}]
    with writing(bench.engine) as connection:
        create_catalog(
            connection,
            workspace_id=WORKSPACE,
            name="shop",
            description="",
            fields=fields,
            now=SystemClock().now(),
        )
    operations = [
        *(item("put", "shop", id=f"i{number % 60}", n=number) for number in range(120)),
        item("patch", "shop", id="i1", n=-1),
        item("delete", "shop", id="i1"),
    ]
    for operation in operations:
        bench.apply(operation)
    with bench.forwarding():
        bench.wait_until_empty()
    assert max(len(call.body["items"]) for call in cluster.received) == 50
    methods = [call.method for call in cluster.received if {"i1"} & _ids(call.body)]
    assert methods == ["PUT", "PUT", "PATCH", "DELETE"]
    assert {call.path for call in cluster.received} == {"/catalogs/shop/items"}
    assert bench.standing().sent == 122
    assert cluster.overlaps == []


def _ids(body: Any) -> set[str]:
    return {one["id"] for one in body["items"]}


def test_what_came_through_other_forwards_says_so_and_what_came_back_is_not_applied_again(
    bench: ForwardBench, cluster: BrazeCluster
) -> None:
    through = {"X-Transformer-Through": f"fwd_other, {bench.forward.id}"}
    bench.apply(attributes(external_id="a", n=2), headers={"X-Transformer-Through": "fwd_other"})
    echo = bench.apply(attributes(external_id="a", n=1), headers=through)
    with reading(bench.engine) as connection:
        (found,) = list_deliveries(connection, workspace_id=WORKSPACE, limit=1)
    assert (found["id"], found["outcome"]) == (echo, "skipped")
    assert [warning["code"] for warning in found["warnings"]] == ["came_from_here"]
    with bench.forwarding():
        bench.wait_until_empty()
    (call,) = cluster.received
    assert call.headers["X-Transformer-Through"] == f"fwd_other, {bench.forward.id}"
    assert _numbers(cluster) == {"a": [2]}


def test_a_full_outbox_leaves_out_and_says_so(bench: ForwardBench) -> None:
    delivery = make_settlement(attributes(external_id="a", n=1), attributes(external_id="b", n=1))
    bench.apply_all([delivery], is_full=True)
    standing = bench.standing()
    assert (standing.waiting, standing.left_out) == (0, 2)
    assert standing.left_out_at is not None
    assert bench.told(delivery.delivery_id)["left_out"] == 2


def test_a_removed_forward_sends_no_more_and_leaves_nothing(
    bench: ForwardBench, cluster: BrazeCluster
) -> None:
    bench.apply(attributes(external_id="a", n=1))
    bench.set_state(ForwardState.REMOVED)
    with bench.forwarding():
        bench.wait_until_empty()
    assert cluster.received == []


def test_a_forward_is_taken_over_when_its_holder_has_shown_no_life_for_a_lease(
    bench: ForwardBench, cluster: BrazeCluster
) -> None:
    # To see it fail: let Watch.may_claim give True.
    bench.timeout_s = 0.1
    delivery = bench.apply(attributes(external_id="a", n=1))
    with reading(bench.engine) as connection:
        (seen,) = list_open(connection)
        (waiting,) = read_waiting(connection, forward_id=bench.forward.id, limit=2)
    with writing(bench.engine) as connection:
        held = claim(connection, seen, holder="another:1")
        assert held is not None
        assert _note(connection, held, in_flight=[waiting.id]) is not None
    began = time.monotonic()
    with bench.forwarding():
        bench.wait_until_empty()
    (call,) = cluster.received
    assert call.at_s - began > Pace(bench.timeout_s).lease_s
    assert bench.told(delivery)["sent_again"] == 1
    with writing(bench.engine) as connection:
        assert _note(connection, held, in_flight=[]) is None, "a zombie could still write"


def _note(connection: Connection, held: Claim, *, in_flight: list[int]) -> Orders | None:
    return note_round(
        connection,
        held,
        Round(),
        may_have_arrived=(),
        in_flight=in_flight,
        now=SystemClock().now(),
    )
