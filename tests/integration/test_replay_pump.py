"""Working replays off: a real Valkey, a real database, and a pump that dies or has a twin."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
import redis

from tests.support.settlements import make_settlement
from transformer.clock import SystemClock, to_text
from transformer.delivery import State
from transformer.errors import QueueUnavailable
from transformer.ids import DeliveryId, ReplayId, TransformationId, WorkspaceId, new_replay_id
from transformer.ingest import pump as pump_module
from transformer.ingest.pump import ReplayPump
from transformer.ingest.replay import StreamReplayer
from transformer.queue.appends import Append
from transformer.queue.jobs import Jobs
from transformer.queue.keys import events_stream
from transformer.queue.replays import ReplayStreams
from transformer.queue.streams import Streams
from transformer.queued import from_fields
from transformer.replay import (
    DeliveryFilter,
    Progress,
    Replay,
    ReplayItem,
    ReplayKind,
    ReplayState,
    Selection,
)
from transformer.stops import Stops
from transformer.store.engine import Engine, open_engine, reading, writing
from transformer.store.migrate import migrate
from transformer.store.replays import (
    count_settled,
    create_replay,
    end_replay,
    newest_delivery,
    read_replay,
)
from transformer.store.transformations import create_transformation, publish
from transformer.store.workspaces import ensure_default_workspace
from transformer.transformation import Destination
from transformer.writer.apply import apply_batch

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Bench:
    """A log of failed deliveries of one transformation, and what works replays off."""

    engine: Engine
    connection: redis.Redis
    workspace_id: WorkspaceId
    transformation_id: TransformationId

    def pump(self) -> ReplayPump:
        jobs = Jobs(self.connection)
        replayer = StreamReplayer(Streams(self.connection), ReplayStreams(self.connection), jobs)
        return ReplayPump(self.engine, replayer, SystemClock(), Stops())

    def log(self, *bodies: bytes, content_type: str = "application/json") -> list[DeliveryId]:
        settlements = [
            make_settlement(
                workspace_id=self.workspace_id,
                transformation_id=self.transformation_id,
                verdict="failed",
                body=body,
                content_type=content_type,
            )
            for body in bodies
        ]
        with writing(self.engine) as connection:
            apply_batch(
                connection, workspace_id=self.workspace_id, settlements=settlements, now=NOW
            )
        return [settlement.delivery_id for settlement in settlements]

    def begin(
        self, kind: ReplayKind = ReplayKind.REPLAY, *, created_at: datetime = NOW
    ) -> ReplayId:
        selection = Selection(self.workspace_id, kind, filter=DeliveryFilter(state=State.FAILED))
        with reading(self.engine) as connection:
            until = newest_delivery(connection, workspace_id=self.workspace_id)
        replay = Replay(
            id=new_replay_id(),
            selection=selection,
            revision_id=None,
            state=ReplayState.RUNNING,
            until=until,
            found=0,
            progress=Progress(),
            settled={},
            error="",
            created_at=created_at,
            updated_at=created_at,
        )
        with writing(self.engine) as connection:
            create_replay(connection, replay)
        return replay.id

    def read(self, replay_id: ReplayId) -> Replay:
        with reading(self.engine) as connection:
            found = read_replay(connection, workspace_id=self.workspace_id, replay_id=replay_id)
        assert found is not None
        return found

    @property
    def stream(self) -> str:
        return events_stream(self.workspace_id, self.transformation_id)

    def appended(self) -> list[DeliveryId | None]:
        entries: Sequence[tuple[bytes, list[bytes]]] = self.connection.eval(
            "return redis.call('XRANGE', KEYS[1], '-', '+')", 1, self.stream
        )
        queued = [from_fields(fields) for _, fields in entries]
        return [one.replay_of or one.retry_of for one in queued]

    def work_off(self, pump: ReplayPump, replay_id: ReplayId) -> Replay:
        for _ in range(50):
            pump.turn()
            found = self.read(replay_id)
            if found.progress.cursor == found.until:
                return found
        raise AssertionError("the replay does not come to its end")


@pytest.fixture
def bench(tmp_path: Path, redis_connection: redis.Redis) -> Iterator[Bench]:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    migrate(url)
    engine = open_engine(url)
    with writing(engine) as connection:
        workspace = ensure_default_workspace(connection, now=NOW)
        transformation, _ = create_transformation(
            connection,
            workspace_id=workspace.id,
            name="Orders",
            destination=Destination.TRACK,
            code="return;",
            now=NOW,
        )
        publish(connection, transformation=transformation, now=NOW)
    yield Bench(engine, redis_connection, workspace.id, transformation.id)
    engine.dispose()


def numbered(count: int) -> list[bytes]:
    return [orjson.dumps({"n": n}) for n in range(count)]


def test_all_that_was_found_is_appended_once_in_the_order_of_the_log(bench: Bench) -> None:
    logged = bench.log(*numbered(700))
    found = bench.work_off(bench.pump(), bench.begin())
    assert bench.appended() == logged
    assert found.progress.appended == 700


def test_a_pump_that_dies_after_each_page_repeats_none_and_leaves_none_out(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Remove the look at the cursor in replay.lua to see this fail.
    logged = bench.log(*numbered(700))
    replay_id = bench.begin()
    replay = StreamReplayer.replay

    def replay_and_die(self: StreamReplayer, items: Sequence[ReplayItem], **given: object) -> None:
        replay(self, items, **given)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    for _ in range(3):
        with monkeypatch.context() as dying:
            dying.setattr(StreamReplayer, "replay", replay_and_die)
            with pytest.raises(KeyboardInterrupt):
                bench.pump().turn()
        assert bench.read(replay_id).progress.cursor == "", "nothing of it was noted in the store"
    found = bench.work_off(bench.pump(), replay_id)
    assert bench.appended() == logged
    assert found.progress.appended == 700


def test_two_pumps_that_take_turns_append_each_event_once(bench: Bench) -> None:
    logged = bench.log(*numbered(1_200))
    replay_id = bench.begin()
    one, other = bench.pump(), bench.pump()
    for _ in range(6):
        one.turn()
        other.turn()
    assert bench.appended() == logged
    assert bench.read(replay_id).progress.appended == 1_200


def test_a_page_waits_while_much_waits_on_its_stream(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Remove the look at the streams' length in replay.lua to see this fail.
    monkeypatch.setattr(pump_module, "MOST_WAITING", 300)
    bench.log(*numbered(900))
    bench.begin()
    streams = Streams(bench.connection)
    streams.append([Append(bench.stream, ("b", "live"))] * 200)
    pump = bench.pump()
    for _ in range(5):
        pump.turn()
    assert bench.connection.xlen(bench.stream) == 200 + pump_module.PAGE_EVENTS
    bench.connection.delete(bench.stream)
    pump.turn()
    assert bench.connection.xlen(bench.stream) > 0


def test_large_bodies_are_held_a_few_at_a_time(bench: Bench) -> None:
    bench.log(*[b'"' + b"x" * 1_000_000 + b'"'] * 6)
    bench.begin()
    bench.pump().turn()
    assert bench.connection.xlen(bench.stream) == 6
    assert pump_module.PAGE_BYTES // 1_000_000 < 6


def test_a_body_that_can_no_longer_be_read_is_refused_and_the_others_go(bench: Bench) -> None:
    (first,) = bench.log(b"{}")
    bench.log(b"not json")
    (last,) = bench.log(b"{}")
    found = bench.work_off(bench.pump(), bench.begin())
    assert bench.appended() == [first, last]
    assert (found.progress.appended, found.progress.refused) == (2, 1)


def test_a_retry_puts_the_same_deliveries_on_their_stream(bench: Bench) -> None:
    logged = bench.log(*numbered(3))
    bench.work_off(bench.pump(), bench.begin(ReplayKind.RETRY))
    # Their revision is none that the workspace has, but it is the one they failed on.
    assert bench.appended() == logged


def test_a_replay_is_done_when_all_that_it_appended_is_settled(bench: Bench) -> None:
    bench.log(*numbered(2))
    replay_id = bench.begin()
    pump = bench.pump()
    bench.work_off(pump, replay_id)
    pump.turn()
    assert bench.read(replay_id).state is ReplayState.RUNNING
    with writing(bench.engine) as connection:
        count_settled(
            connection, {(replay_id, "applied"): 1, (replay_id, "failed"): 1}, now=to_text(NOW)
        )
    pump.turn()
    found = bench.read(replay_id)
    assert found.state is ReplayState.DONE
    assert {name: count for name, count in found.settled.items() if count} == {
        "applied": 1,
        "failed": 1,
    }


def test_a_cancelled_replay_appends_no_more(bench: Bench) -> None:
    bench.log(*numbered(2))
    replay_id = bench.begin()
    with writing(bench.engine) as connection:
        end_replay(connection, replay_id=replay_id, state=ReplayState.CANCELLED, now=NOW)
    bench.pump().turn()
    assert bench.connection.xlen(bench.stream) == 0


def test_a_bug_fails_its_own_replay_and_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.log(b"{}")
    broken, well = bench.begin(), bench.begin()
    replay = StreamReplayer.replay

    def break_one(self: StreamReplayer, items: Sequence[ReplayItem], **given: object) -> object:
        if given["page"].replay_id == broken:  # type: ignore[attr-defined]
            raise ZeroDivisionError("a bug of ours")
        return replay(self, items, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(StreamReplayer, "replay", break_one)
    pump = bench.pump()
    bench.work_off(pump, well)
    assert bench.read(broken).state is ReplayState.FAILED
    assert "ZeroDivisionError" in bench.read(broken).error


def test_an_unavailable_queue_fails_no_replay(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged = bench.log(b"{}")
    replay_id = bench.begin()
    pump = bench.pump()

    def refuse(*_: object, **__: object) -> None:
        raise QueueUnavailable("Redis does not answer.")

    with monkeypatch.context() as without_queue:
        without_queue.setattr(StreamReplayer, "replay", refuse)
        with pytest.raises(QueueUnavailable):
            pump.turn()
    assert bench.read(replay_id).state is ReplayState.RUNNING
    bench.work_off(pump, replay_id)
    assert bench.appended() == logged


def test_a_replay_that_was_asked_for_just_now_is_left_to_whoever_asked(bench: Bench) -> None:
    # Without it, the answer would tell of fewer than are replayed.
    bench.log(b"{}")
    replay_id = bench.begin(created_at=SystemClock().now())
    bench.pump().turn()
    assert bench.read(replay_id).progress.cursor == ""
