"""One drain of an outcomes stream: apply a batch in one database transaction, until the slice ends.

The position moves in the same transaction as the effects (I6), so after a crash at any point the
next drain goes on behind what the store has, whether or not Redis was trimmed.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from prometheus_client import CollectorRegistry
from sqlalchemy.exc import OperationalError

from transformer.clock import Clock, from_text, to_text
from transformer.delivery import Problem, State, Verdict
from transformer.ids import WorkspaceId
from transformer.metrics import DrainMetrics, WriterMetrics
from transformer.queue.jobs import Jobs
from transformer.queue.keys import workspace_of
from transformer.queue.lease import Lease
from transformer.queue.pace import Pace
from transformer.queue.replies import Reply
from transformer.queue.slices import Slices
from transformer.queue.streams import BATCH_EVENTS, Batch, Fenced, Streams
from transformer.rules import Rules
from transformer.settlement import Settlement, from_fields
from transformer.stops import Stops
from transformer.store.engine import Connection, Engine, reading, writing
from transformer.store.outbox import Target
from transformer.store.positions import Position, move_position, read_position
from transformer.traces import Traces
from transformer.writer.apply import Applied, apply_batch
from transformer.writer.identity import BLOCKED_EXTERNAL_IDS
from transformer.writer.repeats import without_repeats

# A batch that could not be applied so often is applied one by one: what breaks us must not stop its
# workspace (I8).
_TRIES_TOGETHER = 2

# An entry may be a whole batch of the worker's.
_FIRST_ENTRIES = 16

# How long after Redis became another, whatever is accepted is looked up in the delivery log before
# it is applied. What was applied by then was accepted before then: the time is for clocks that differ.
_CHECKED_FOR = timedelta(hours=1)

_log = structlog.get_logger()


class OutcomesDrain:
    """Drains outcomes streams; one per writer process."""

    def __init__(
        self,
        *,
        streams: Streams,
        jobs: Jobs,
        engine: Engine,
        clock: Clock,
        stops: Stops,
        weigh: Callable[[WorkspaceId], int],
        forwards: Callable[[WorkspaceId, str], Sequence[Target]] = lambda _workspace, _version: (),
        rules: Callable[[WorkspaceId, str], Rules | None] = lambda _workspace, _version: None,
        metrics: WriterMetrics | None = None,
        traces: Traces | None = None,
        drains: DrainMetrics | None = None,
        blocked: frozenset[str] = BLOCKED_EXTERNAL_IDS,
    ) -> None:
        self._blocked = blocked
        self._streams = streams
        self._engine = engine
        self._clock = clock
        self._pace = Pace(most=BATCH_EVENTS, first=_FIRST_ENTRIES)
        self._metrics = metrics or WriterMetrics(CollectorRegistry())
        self._slices = Slices(
            streams=streams, jobs=jobs, clock=clock, stops=stops, weigh=weigh, metrics=drains
        )
        self._stops = stops
        self._forwards = forwards
        self._rules = rules
        self._traces = traces

    @property
    def lease(self) -> Lease:
        """What keeps the stream of the drain that runs."""
        return self._slices.lease

    def drain(self, stream: str, job_id: str) -> None:
        """Work for one slice, and hand the rest to the next job.

        Raises:
            Unavailable: Redis or the database fails us; rescue brings a new drain.
        """
        self._slices.work(stream, job_id, self._apply_next)

    def _apply_next(self, stream: str, job_id: str) -> int:
        workspace_id = workspace_of(stream)
        with reading(self._engine) as connection:
            position = read_position(connection, workspace_id=workspace_id)
        batch = self._streams.take(
            stream,
            job_id,
            after_id=position.entry_id if position else "",
            generation=position.generation if position else "",
            most=self._pace.most(stream),
        )
        if not batch.entries:
            if position is not None and position.generation == batch.generation:
                # What a crash between commit and trim left behind.
                self._trim(stream, job_id, position.entry_id, generation=batch.generation)
            return 0
        groups = [list(from_fields(entry.fields)) for entry in batch.entries]
        settlements = [settlement for group in groups for settlement in group]
        last = self._position_behind(batch, position)
        forwards = self._forwards(workspace_id, batch.config_version)
        rules = self._rules(workspace_id, batch.config_version)
        started = time.perf_counter()
        with writing(self._engine) as connection:
            if not move_position(connection, workspace_id=workspace_id, expected=position, to=last):
                raise Fenced(stream)
            count = len(settlements)
            if last.checked_until:
                settlements = without_repeats(
                    connection,
                    workspace_id=workspace_id,
                    settlements=settlements,
                    accepted_before=last.checked_until,
                )
            self._stops.reach("mid-transaction")
            if batch.tries <= _TRIES_TOGETHER:
                applied = apply_batch(
                    connection,
                    workspace_id=workspace_id,
                    settlements=settlements,
                    now=self._clock.now(),
                    blocked=self._blocked,
                    forwards=forwards,
                    rules=rules,
                )
            else:
                applied = self._apply_one_by_one(
                    connection, workspace_id, settlements, forwards=forwards, rules=rules
                )
            self._stops.reach("before-commit")
            changed = time.perf_counter()
        committed = time.perf_counter()
        self._stops.reach("after-commit")
        if applied.replies:
            self._streams.send_replies(applied.replies)
        self._tell(
            workspace_id,
            batch,
            groups,
            applied,
            apply_s=changed - started,
            commit_s=committed - changed,
        )
        self._trim(stream, job_id, last.entry_id, generation=batch.generation)
        self._pace.note(stream, count=len(batch.entries), seconds=time.perf_counter() - started)
        return count

    def _position_behind(self, batch: Batch, position: Position | None) -> Position:
        entry_id = batch.entries[-1].id
        if position is None:
            return Position(entry_id, batch.generation)
        if position.generation == batch.generation:
            return replace(position, entry_id=entry_id)
        _log.warning("redis.another_generation", before=position.generation, now=batch.generation)
        until = to_text(self._clock.now() + _CHECKED_FOR)
        return Position(entry_id, batch.generation, until)

    def _tell(
        self,
        workspace_id: WorkspaceId,
        batch: Batch,
        groups: Sequence[Sequence[Settlement]],
        applied: Applied,
        *,
        apply_s: float,
        commit_s: float,
    ) -> None:
        """Count a batch whose effects are in the store, and write its line."""
        outcomes = {state.value: count for state, count in applied.by_state.items()}
        self._metrics.applied(
            outcomes=outcomes,
            failures=applied.failures,
            operations=applied.operations,
            apply_s=apply_s,
            commit_s=commit_s,
        )
        now = self._clock.now()
        for group in groups:
            # What a replay waits for is no delay of ours.
            live = [one for one in group if one.replay_of is None]
            self._metrics.delay.observe_ordered(len(live), partial(_waited_s, live, now))
        _log.info(
            "batch.applied",
            workspace_id=workspace_id,
            entries=len(batch.entries),
            settlements=applied.settlements,
            repeats=sum(map(len, groups)) - applied.settlements,
            operations=applied.operations,
            **outcomes,
            delay_ms=round((now.timestamp() - batch.entries[0].appended_s) * 1_000),
            apply_ms=round(apply_s * 1_000, 1),
            commit_ms=round(commit_s * 1_000, 1),
            bytes=sum(len(field) for entry in batch.entries for field in entry.fields),
            tries=batch.tries,
        )
        if self._traces is not None:
            self._traces.batch(
                "apply",
                [one.headers for group in groups for one in group if one.replay_of is None],
                took_s=apply_s + commit_s,
                workspace_id=workspace_id,
                deliveries=applied.settlements,
            )

    def _trim(self, stream: str, job_id: str, last_id: str, *, generation: str) -> None:
        self._stops.reach("before-trim")
        self._streams.trim(stream, job_id, last_id=last_id, generation=generation)
        self._stops.reach("after-trim")

    def _apply_one_by_one(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        settlements: Sequence[Settlement],
        *,
        forwards: Sequence[Target],
        rules: Rules | None,
    ) -> Applied:
        operations, states, failures = 0, Counter[State](), Counter[str]()
        replies: list[Reply] = []
        for settlement in settlements:
            now = self._clock.now()
            try:
                with connection.begin_nested():
                    applied = apply_batch(
                        connection,
                        workspace_id=workspace_id,
                        settlements=[settlement],
                        now=now,
                        blocked=self._blocked,
                        forwards=forwards,
                        rules=rules,
                    )
            except OperationalError:
                raise  # the database's doing, not the settlement's
            except Exception:  # noqa: BLE001 - whatever it is, the next one is applied
                self._metrics.gave_up()
                _log.exception("settlement.broke", event_id=settlement.event_id)
                applied = apply_batch(
                    connection,
                    workspace_id=workspace_id,
                    settlements=[_broken(settlement)],
                    now=now,
                )
            operations += applied.operations
            states.update(applied.by_state)
            failures.update(applied.failures)
            replies += applied.replies
        return Applied(len(settlements), operations, states, failures, tuple(replies))


def _waited_s(settlements: Sequence[Settlement], now: datetime, at: int) -> float:
    accepted_at = from_text(settlements[at].accepted_at)
    return max((now - accepted_at).total_seconds(), 0.0)


def _broken(settlement: Settlement) -> Settlement:
    """Give the dead letter of a settlement that we could not apply."""
    problem = Problem(
        code="internal_error",
        message="Applying what the code returned broke something on our side.",
        hint="The event is kept: report the failure, and replay it when it is mended.",
    )
    return replace(
        settlement,
        verdict=Verdict.FAILED.value,
        operations=(),
        output=None,
        report={"errors": [problem.as_json()]},
    )
