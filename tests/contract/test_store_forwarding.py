"""Who holds a forward, what becomes of its operations, and what is forgotten, on each database."""

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import Engine, func, select

from tests.support.api import StillClock
from tests.support.braze_cluster import running_cluster
from tests.support.forward_bench import ForwardBench, make_forward
from tests.support.settlements import WORKSPACE, attributes, event, make_settlement
from transformer.clock import SystemClock
from transformer.errors import NotFound
from transformer.ids import WorkspaceId, new_delivery_id
from transformer.store.engine import reading, writing
from transformer.store.forwarding import (
    Claim,
    Open,
    Orders,
    Refusal,
    Round,
    claim,
    delete_forward,
    delete_left,
    list_open,
    list_removed,
    note_round,
    release,
)
from transformer.store.forwards import (
    ForwardState,
    create_forward,
    is_any_forward,
    list_forwards,
    read_forward,
)
from transformer.store.outbox import (
    Target,
    Waiting,
    describe_forwardings,
    drop_dead,
    list_dead,
    read_targets,
    read_waiting,
    requeue_dead,
)
from transformer.store.retention import list_overdue, remove_oldest
from transformer.store.tables import forwardings, outbox
from transformer.store.targets import Targets

NOW = SystemClock().now()
WHY = Refusal("refused", "BAD_DEVICE_ID")


@pytest.fixture
def bench(engine: Engine) -> ForwardBench:
    made = ForwardBench(engine, make_forward("https://a.example"))
    with writing(engine) as connection:
        create_forward(connection, forward=made.forward)
    return made


def opened(bench: ForwardBench) -> list[Open]:
    with reading(bench.engine) as connection:
        return list_open(connection)


def claimed(bench: ForwardBench, seen: Open, *, holder: str = "me:1") -> Claim | None:
    with writing(bench.engine) as connection:
        return claim(connection, seen, holder=holder)


def held(bench: ForwardBench) -> Claim:
    (seen,) = opened(bench)
    found = claimed(bench, seen)
    assert found is not None
    return found


def waiting(bench: ForwardBench) -> list[Waiting]:
    with reading(bench.engine) as connection:
        return read_waiting(connection, forward_id=bench.forward.id, limit=100)


def note(
    bench: ForwardBench,
    of: Claim,
    done: Round,
    *,
    may_have_arrived: tuple[int, ...] = (),
    in_flight: tuple[int, ...] = (),
) -> Orders | None:
    with writing(bench.engine) as connection:
        return note_round(
            connection,
            of,
            done,
            may_have_arrived=may_have_arrived,
            in_flight=in_flight,
            now=NOW,
        )


def test_a_batch_of_any_size_stands_there_in_the_order_of_its_deliveries(
    bench: ForwardBench,
) -> None:
    bench.apply_all([make_settlement(attributes(external_id="a", n=n)) for n in range(1_500)])
    bench.apply_all(
        [make_settlement(attributes(external_id="a", n=n)) for n in range(1_500, 1_600)]
    )
    with reading(bench.engine) as connection:
        found = read_waiting(connection, forward_id=bench.forward.id, limit=2_000)
    assert [orjson.loads(one.object)["n"] for one in found] == [*range(1_600)]
    assert len({one.subject for one in found}) == 1


def test_a_nul_is_replaced_as_it_is_in_the_store(bench: ForwardBench) -> None:
    bench.apply(attributes(external_id="a", text="x\x00y"))
    (one,) = waiting(bench)
    assert orjson.loads(one.object) == {"external_id": "a", "text": "x\ufffdy"}


def test_a_forward_is_open_while_something_waits_and_it_is_active(bench: ForwardBench) -> None:
    assert opened(bench) == []
    bench.apply(attributes(external_id="a"))
    assert [one.forward_id for one in opened(bench)] == [bench.forward.id]
    bench.set_state(ForwardState.PAUSED)
    assert opened(bench) == []


def test_of_two_claims_of_what_was_seen_one_holds(bench: ForwardBench) -> None:
    bench.apply(attributes(external_id="a"))
    (seen,) = opened(bench)
    first, second = claimed(bench, seen), claimed(bench, seen, holder="other:1")
    assert (first is not None, second) == (True, None)
    (now,) = opened(bench)
    assert (now.holder, now.epoch) == ("me:1", seen.epoch + 1)


def test_whoever_lost_a_forward_can_note_nothing(bench: ForwardBench) -> None:
    # To see it fail: leave the epoch out of _MINE in store/forwarding.py.
    bench.apply(attributes(external_id="a"))
    lost = held(bench)
    assert note(bench, lost, Round(), in_flight=(7, 9)) is not None
    (seen,) = opened(bench)
    taken_over = claimed(bench, seen, holder="other:1")
    assert taken_over is not None
    assert taken_over.in_flight == {7, 9}
    assert note(bench, lost, Round(sent=waiting(bench))) is None
    with writing(bench.engine) as connection:
        release(connection, lost)
    (seen,) = opened(bench)
    assert (seen.holder, len(waiting(bench))) == ("other:1", 1)


def test_each_note_moves_the_beat_and_gives_the_orders_in_force(bench: ForwardBench) -> None:
    bench.apply(attributes(external_id="a"))
    mine = held(bench)
    (before,) = opened(bench)
    bench.change(base_url="https://b.example", credential="another")
    bench.set_state(ForwardState.PAUSED)
    assert note(bench, mine, Round()) == Orders(
        is_active=False, base_url="https://b.example", credential="another"
    )
    bench.set_state(ForwardState.ACTIVE)
    (after,) = opened(bench)
    assert after.beat == before.beat + 1


def test_what_was_taken_and_refused_is_told_of_its_delivery(bench: ForwardBench) -> None:
    first = bench.apply(attributes(external_id="a"), attributes(external_id="b"))
    second = bench.apply(attributes(external_id="c"), attributes(external_id="d"))
    mine, rows = held(bench), waiting(bench)
    done = Round(sent=rows[:2], refused=[(rows[3], WHY)])
    note(bench, mine, done, may_have_arrived=(rows[1].id,))
    told = bench.told(first)
    assert (told["asked"], told["sent"], told["sent_again"], told["waiting"]) == (2, 2, 1, 0)
    told = bench.told(second)
    assert (told["sent"], told["waiting"]) == (0, 1)
    assert told["refused"] == [
        {"position": 1, "kind": "attributes", "code": "refused", "message": "BAD_DEVICE_ID"}
    ]
    standing = bench.standing()
    assert (standing.sent, standing.refused, standing.dead, standing.waiting) == (2, 1, 1, 1)
    assert standing.sent_at is not None
    assert standing.oldest_at is not None


def test_what_was_refused_can_wait_again_or_be_dropped(bench: ForwardBench) -> None:
    delivery = bench.apply(attributes(external_id="a"), attributes(external_id="b"))
    note(bench, held(bench), Round(refused=[(row, WHY) for row in waiting(bench)]))
    with writing(bench.engine) as connection:
        first, second = list_dead(connection, forward_id=bench.forward.id, after=0, limit=9)
        behind = list_dead(connection, forward_id=bench.forward.id, after=first.id, limit=9)
        assert behind == [second]
        assert (first.delivery_id, first.refusal) == (delivery, WHY.as_json())
        assert requeue_dead(connection, forward_id=bench.forward.id) == 2
    assert [row.id for row in waiting(bench)] == [first.id, second.id]
    assert bench.told(delivery)["refused"] == []
    with writing(bench.engine) as connection:
        assert drop_dead(connection, forward_id=bench.forward.id) == 0
    assert len(waiting(bench)) == 2


def test_numbers_of_rows_are_never_given_again(bench: ForwardBench) -> None:
    # What may have arrived is known by them. To see it fail: no sqlite_autoincrement.
    bench.apply(attributes(external_id="a"))
    rows = waiting(bench)
    note(bench, held(bench), Round(sent=rows))
    bench.apply(attributes(external_id="b"))
    assert waiting(bench)[0].id > rows[0].id


def test_a_delivery_that_leaves_the_log_takes_along_what_became_of_it_and_leaves_what_waits(
    bench: ForwardBench,
) -> None:
    old = "2020-01-01T00:00:00.000Z"
    delivery_id = new_delivery_id()
    settlement = make_settlement(
        attributes(external_id="a"),
        attributes(external_id="b"),
        delivery_id=delivery_id,
        accepted_at=old,
    )
    bench.apply_all([settlement])
    kept = bench.apply(attributes(external_id="c"), accepted_at="2099-01-01T00:00:00.000Z")
    rows = waiting(bench)
    mine = held(bench)
    note(bench, mine, Round(refused=[(rows[0], WHY)]))
    with writing(bench.engine) as connection:
        (overdue,) = list_overdue(connection, now=NOW, days=30, max_mb=0)
        assert remove_oldest(connection, overdue, limit=10).deliveries == 1
        assert describe_forwardings(connection, delivery_id=delivery_id) == []
        assert len(describe_forwardings(connection, delivery_id=kept)) == 1
    assert [row.id for row in waiting(bench)] == [rows[1].id, rows[2].id]
    assert bench.standing().dead == 0
    # What waited is sent all the same, and leaves nothing behind.
    note(bench, mine, Round(sent=waiting(bench)))
    with reading(bench.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(outbox)) == 0
        assert connection.scalar(select(func.count()).select_from(forwardings)) == 1


def test_a_removed_forward_is_gone_for_everybody_and_taken_away_in_steps(
    bench: ForwardBench,
) -> None:
    bench.apply(*(attributes(external_id="a", n=n) for n in range(5)))
    bench.set_state(ForwardState.REMOVED)
    forward_id = bench.forward.id
    with writing(bench.engine) as connection:
        assert list_forwards(connection, workspace_id=WORKSPACE) == []
        assert read_targets(connection, workspace_id=WORKSPACE, most=9) == []
        assert list_open(connection) == []
        with pytest.raises(NotFound):
            read_forward(connection, workspace_id=WORKSPACE, forward_id=forward_id)
        ((found, removed_at),) = list_removed(connection)
        assert found == forward_id
        assert removed_at > (NOW - timedelta(minutes=1)).isoformat()
        steps = [delete_left(connection, forward_id=forward_id, limit=2) for _ in range(4)]
        assert steps == [2, 2, 1, 0]
        assert is_any_forward(connection)
        delete_forward(connection, forward_id=forward_id)
        assert not is_any_forward(connection)


def test_a_forward_is_of_its_workspace_alone(bench: ForwardBench) -> None:
    other = WorkspaceId("wsp_" + "f" * 32)
    with reading(bench.engine) as connection:
        assert list_forwards(connection, workspace_id=other) == []
        assert read_targets(connection, workspace_id=other, most=9) == []
        with pytest.raises(NotFound):
            read_forward(connection, workspace_id=other, forward_id=bench.forward.id)
        (found,) = list_forwards(connection, workspace_id=WORKSPACE)
    assert found == bench.forward
    assert bench.forward.credential not in repr(found)


def test_a_workspaces_forwards_are_read_anew_with_the_configuration(bench: ForwardBench) -> None:
    clock = StillClock()
    targets = Targets(bench.engine, clock, most=2)
    assert targets.of(WORKSPACE, "1") == [Target(bench.forward.id, is_full=False)]
    bench.set_state(ForwardState.REMOVED)
    assert len(targets.of(WORKSPACE, "1")) == 1
    assert targets.of(WORKSPACE, "2") == []
    bench.set_state(ForwardState.ACTIVE)
    clock.advance(60)
    assert targets.of(WORKSPACE, "2") == (), "who has none is not asked again"
    assert len(targets.of(WORKSPACE, "3")) == 1


def test_whether_a_forward_is_full_is_looked_at_again_and_again(bench: ForwardBench) -> None:
    clock = StillClock()
    targets = Targets(bench.engine, clock, most=2)
    assert targets.of(WORKSPACE, "1") == [Target(bench.forward.id, is_full=False)]
    bench.apply(attributes(external_id="a"), attributes(external_id="b"))
    assert targets.of(WORKSPACE, "1") == [Target(bench.forward.id, is_full=False)]
    clock.advance(5)
    assert targets.of(WORKSPACE, "1") == [Target(bench.forward.id, is_full=True)]


def test_two_forwarders_send_everything_once_and_in_order(bench: ForwardBench) -> None:
    # To see it fail: name a Forwarder after its host and process alone.
    numbers: dict[str, list[int]] = {}
    with running_cluster() as cluster:
        bench.change(base_url=cluster.url)
        with bench.forwarding(), bench.forwarding():
            for number in range(8):
                bench.apply(*(attributes(external_id=f"p{n}", n=number) for n in range(100)))
            bench.wait_until_empty()
        for one in cluster.objects():
            numbers.setdefault(one["external_id"], []).append(one["n"])
        assert cluster.overlaps == []
    assert numbers == {f"p{n}": list(range(8)) for n in range(100)}


def test_large_operations_are_read_a_few_at_a_time(bench: ForwardBench) -> None:
    # To see it fail: leave out `max(1, …)` in Sender._read_window, so that nothing is read any more.
    large = "x" * 3_500_000
    with running_cluster() as cluster:
        bench.change(base_url=cluster.url)
        for number in range(12):
            bench.apply(event(external_id="a", name="x", properties={"n": number, "text": large}))
        bench.timeout_s = 20
        with bench.forwarding():
            bench.wait_until_empty()
        assert [one["properties"]["n"] for one in cluster.objects()] == list(range(12))
