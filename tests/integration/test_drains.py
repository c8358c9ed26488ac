"""Drains of both kinds, with a real Valkey, a real sandbox and a real database in one process."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import redis

from sandbox import Limits, SandboxPool
from transformer.clock import SystemClock
from transformer.errors import QueueUnavailable, SandboxUnavailable
from transformer.event import Event
from transformer.ids import TransformationId, WorkspaceId, new_event_id, new_source_id
from transformer.queue import slices
from transformer.queue.appends import Append, DueDrain
from transformer.queue.jobs import Jobs
from transformer.queue.keys import DrainKind, events_stream, mark_of, outcomes_stream
from transformer.queue.rescue import Rescuer
from transformer.queue.streams import Streams
from transformer.queued import queue_event
from transformer.settlement import Settlement, from_fields
from transformer.stops import Stops
from transformer.store.deliveries import list_deliveries
from transformer.store.engine import Connection, Engine, open_engine, reading, writing
from transformer.store.migrate import migrate
from transformer.store.profiles import find_profiles
from transformer.store.transformations import create_transformation, publish, unpublish
from transformer.store.weights import Weights
from transformer.store.workspaces import ensure_default_workspace
from transformer.transformation import Destination
from transformer.worker.check import Checker
from transformer.worker.drain import EventsDrain
from transformer.worker.revisions import Revisions
from transformer.worker.transform import Transformer
from transformer.writer import drain as writer_drain
from transformer.writer.apply import apply_batch
from transformer.writer.drain import OutcomesDrain

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CODE = """
return { attributes: [{ external_id: "person", hits: { inc: 1 }, last: payload.number }] };
"""


@pytest.fixture(scope="module")
def pool() -> Iterator[SandboxPool]:
    with SandboxPool(limits=Limits()) as pool:
        yield pool


@dataclass
class Bench:
    """One published transformation, and all that drains need."""

    engine: Engine
    connection: redis.Redis
    workspace_id: WorkspaceId
    transformation_id: TransformationId
    events: EventsDrain
    outcomes: OutcomesDrain
    streams: Streams
    jobs: Jobs

    @property
    def stream(self) -> str:
        return events_stream(self.workspace_id, self.transformation_id)

    @property
    def outcomes_stream(self) -> str:
        return outcomes_stream(self.workspace_id)

    def accept(self, count: int) -> DueDrain:
        """Append events; gives the drain that is due."""
        appends = []
        for number in range(count):
            event = Event(
                id=new_event_id(),
                workspace_id=self.workspace_id,
                source_id=new_source_id(),
                accepted_at=NOW,
                content_type="application/json",
                headers={},
                body=orjson.dumps({"number": number}),
            )
            fields = queue_event(event, source_name="test", payload=event.body)
            appends.append(Append(self.stream, fields))
        (due,) = self.streams.append(appends)
        return due

    def settled(self) -> list[Settlement]:
        """Read what the worker has settled, batch after batch."""
        # By a script, for the client would make a dictionary of fields that repeat.
        script = self.connection.register_script("return redis.call('XRANGE', KEYS[1], '-', '+')")
        entries: list[tuple[bytes, list[bytes]]] = script(keys=[self.outcomes_stream])
        return [settlement for _, fields in entries for settlement in from_fields(fields)]

    def lose_drain(self, stream: str) -> str:
        """Let the owner of a stream vanish; gives the job that rescue brings."""
        self.connection.delete(*(f"rq:queue:{kind.value}" for kind in DrainKind))
        self.connection.hset(mark_of(stream), "deadline", 1)
        assert Rescuer(self.connection, self.jobs).rescue() == [stream]
        # As a worker does that takes the job.
        self.connection.delete(*(f"rq:queue:{kind.value}" for kind in DrainKind))
        job_id = self.connection.hget(mark_of(stream), "job")
        assert isinstance(job_id, bytes)
        return job_id.decode()

    def write_job(self) -> str:
        job_id = self.connection.hget(mark_of(self.outcomes_stream), "job")
        assert isinstance(job_id, bytes)
        return job_id.decode()


@pytest.fixture
def bench(tmp_path: Path, redis_connection: redis.Redis, pool: SandboxPool) -> Iterator[Bench]:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    migrate(url)
    engine = open_engine(url)
    with writing(engine) as connection:
        workspace = ensure_default_workspace(connection, now=NOW)
        transformation, _ = create_transformation(
            connection,
            workspace_id=workspace.id,
            name="Counting",
            destination=Destination.TRACK,
            code=CODE,
            now=NOW,
        )
        publish(connection, transformation=transformation, now=NOW)
    streams, jobs = Streams(redis_connection), Jobs(redis_connection)
    clock, stops = SystemClock(), Stops()
    yield Bench(
        engine=engine,
        connection=redis_connection,
        workspace_id=workspace.id,
        transformation_id=transformation.id,
        events=EventsDrain(
            streams=streams,
            jobs=jobs,
            transformer=Transformer(pool, Checker()),
            revisions=Revisions(engine, clock),
            clock=clock,
            stops=stops,
            weigh=Weights(engine, clock).of,
        ),
        outcomes=OutcomesDrain(
            streams=streams,
            jobs=jobs,
            engine=engine,
            clock=clock,
            stops=stops,
            weigh=Weights(engine, clock).of,
        ),
        streams=streams,
        jobs=jobs,
    )
    engine.dispose()


def test_a_drain_settles_every_event_in_order(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SLICE_S", 30)
    due = bench.accept(600)
    bench.events.drain(due.stream, due.job_id)
    assert [settlement.output["attributes"][0]["last"] for settlement in bench.settled()] == list(
        range(600)
    )
    assert bench.connection.xlen(bench.stream) == 0
    assert len(bench.jobs.waiting(DrainKind.WRITE)) == 1


def test_i3_a_drain_ends_with_its_slice_and_goes_behind_the_others(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SLICE_S", 0.0001)
    due = bench.accept(600)
    bench.jobs.enqueue("events:{other}:stream", job_id="another")
    bench.events.drain(due.stream, due.job_id)
    assert 0 < bench.connection.xlen(bench.stream) < 600
    waiting = bench.connection.lrange("rq:queue:transform", 0, -1)
    assert isinstance(waiting, list)
    assert waiting[0] == b"another"
    assert waiting[1] == bench.connection.hget(mark_of(bench.stream), "job")


def test_i3_a_drain_gives_way_to_others_long_before_its_slice_ends(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Remove `is_waiting` from Slices._step_on to see this fail: the stream is emptied at once.
    monkeypatch.setattr(slices, "SLICE_S", 30)
    monkeypatch.setattr(slices, "TURN_S", 0.0001)
    due = bench.accept(600)
    bench.jobs.enqueue("events:{other}:stream", job_id="another")
    bench.events.drain(due.stream, due.job_id)
    assert 0 < bench.connection.xlen(bench.stream) < 600


def test_i3_a_drain_that_nobody_waits_for_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SLICE_S", 30)
    monkeypatch.setattr(slices, "TURN_S", 0.0001)
    due = bench.accept(600)
    bench.events.drain(due.stream, due.job_id)
    assert bench.connection.xlen(bench.stream) == 0


def test_i8_an_event_whose_worker_vanishes_each_time_becomes_a_dead_letter(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Remove the growing count of tries in take.lua to see this fail: it is tried for ever.
    monkeypatch.setattr(slices, "SLICE_S", 30)
    job_id = bench.accept(40).job_id
    batches = []
    for _ in range(4):
        assert bench.streams.claim(bench.stream, job_id)
        batch = bench.streams.take(bench.stream, job_id)
        batches.append(batch.tries)
        job_id = bench.lose_drain(bench.stream)
    assert batches == [1, 2, 3, 4]
    bench.events.drain(bench.stream, job_id)
    verdicts = [settlement.verdict for settlement in bench.settled()]
    assert verdicts == ["failed"] + ["ok"] * 39
    (error,) = bench.settled()[0].report["errors"]
    assert error["code"] == "died"


def test_what_is_our_own_fault_is_no_step_towards_a_dead_letter(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_guest(*_: object, **__: object) -> None:
        raise SandboxUnavailable("No guest process could be started.")

    job_id = bench.accept(1).job_id
    with monkeypatch.context() as without_sandbox:
        without_sandbox.setattr(Transformer, "run", no_guest)
        for _ in range(8):
            with pytest.raises(SandboxUnavailable):
                bench.events.drain(bench.stream, job_id)
            job_id = bench.lose_drain(bench.stream)
    bench.events.drain(bench.stream, job_id)
    assert [settlement.verdict for settlement in bench.settled()] == ["ok"]


def test_a_redis_that_goes_away_again_and_again_is_no_step_towards_a_dead_letter(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Forget the tries only at the moment of the failure to see this fail: Redis is away then.
    def be_away(*_: object, **__: object) -> None:
        raise QueueUnavailable("Redis cannot be used.")

    job_id = bench.accept(1).job_id
    for _ in range(8):
        with monkeypatch.context() as without_redis:
            without_redis.setattr(Streams, "settle", be_away)
            without_redis.setattr(Streams, "forget_tries", be_away)
            with pytest.raises(QueueUnavailable):
                bench.events.drain(bench.stream, job_id)
        job_id = bench.lose_drain(bench.stream)
    bench.events.drain(bench.stream, job_id)
    assert [settlement.verdict for settlement in bench.settled()] == ["ok"]


def test_an_event_whose_transformation_was_unpublished_meanwhile_is_captured(bench: Bench) -> None:
    due = bench.accept(1)
    with writing(bench.engine) as connection:
        unpublish(
            connection,
            workspace_id=bench.workspace_id,
            transformation_id=bench.transformation_id,
            now=NOW,
        )
    bench.events.drain(due.stream, due.job_id)
    assert [settlement.verdict for settlement in bench.settled()] == ["captured"]


def test_i6_what_a_dead_writer_committed_and_did_not_trim_is_not_applied_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Let the writer read from the stream's beginning to see this fail: hits would be 50.
    due = bench.accept(25)
    bench.events.drain(due.stream, due.job_id)

    def die(*_: object, **__: object) -> None:
        raise ConnectionError("the process is gone")

    with monkeypatch.context() as dying:
        dying.setattr(Streams, "trim", die)
        with pytest.raises(ConnectionError):
            bench.outcomes.drain(bench.outcomes_stream, bench.write_job())
    assert bench.connection.xlen(bench.outcomes_stream) > 0
    bench.outcomes.drain(bench.outcomes_stream, bench.lose_drain(bench.outcomes_stream))
    assert hits(bench) == 25
    assert bench.connection.xlen(bench.outcomes_stream) == 0


def test_i2_a_writer_that_was_taken_for_dead_cannot_commit(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Let move_position always succeed to see this fail: hits would be 50.
    due = bench.accept(25)
    bench.events.drain(due.stream, due.job_id)
    zombie_job = bench.write_job()
    take: Callable[..., object] = bench.streams.take

    def take_and_be_overtaken(stream: str, job_id: str, **given: str) -> object:
        batch = take(stream, job_id, **given)
        monkeypatch.undo()
        bench.outcomes.drain(stream, bench.lose_drain(stream))
        return batch

    monkeypatch.setattr(bench.streams, "take", take_and_be_overtaken)
    bench.outcomes.drain(bench.outcomes_stream, zombie_job)
    assert hits(bench) == 25
    with reading(bench.engine) as connection:
        log = list_deliveries(connection, workspace_id=bench.workspace_id, limit=100)
    assert len(log) == 25


def test_i8_a_settlement_that_breaks_the_writer_stops_no_one_else(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Apply batches only together to see this fail: the workspace stands still.
    due = bench.accept(5)
    bench.events.drain(due.stream, due.job_id)
    poison = bench.settled()[2].event_id

    def break_on_poison(connection: Connection, **given: Any) -> object:
        if any(one.event_id == poison and one.operations for one in given["settlements"]):
            raise ZeroDivisionError("a bug of ours")
        return apply_batch(connection, **given)

    monkeypatch.setattr(writer_drain, "apply_batch", break_on_poison)
    job_id = bench.write_job()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            bench.outcomes.drain(bench.outcomes_stream, job_id)
        job_id = bench.lose_drain(bench.outcomes_stream)
    bench.outcomes.drain(bench.outcomes_stream, job_id)
    assert hits(bench) == 4
    with reading(bench.engine) as connection:
        log = list_deliveries(connection, workspace_id=bench.workspace_id, limit=100)
    failed = [delivery for delivery in log if delivery["outcome"] == "failed"]
    assert [delivery["event_id"] for delivery in failed] == [poison]
    assert failed[0]["errors"][0]["code"] == "internal_error"


def hits(bench: Bench) -> int:
    with reading(bench.engine) as connection:
        (profile,) = find_profiles(
            connection, workspace_id=bench.workspace_id, external_id="person"
        )
    counted: int = profile["custom_attributes"]["hits"]
    return counted
