"""A backlog of a million events costs per event what one of ten thousand costs.

The events are appended as accepting does it, but straight to Valkey, while worker, writer and
scheduler stand still. Then these go on. Small backlogs are drained wholly, one after the other; of the
large one the first windows are measured, where it is largest. The worker's CPU counts for each event
that it transformed, the writer's for each that it applied, and Valkey's for the mean of both, for in a
large backlog the worker runs ahead of the writer. For the same reason there is no target for the time
an event takes: while a window of the large one is applied, the worker transforms more than a window.
"""

import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import NamedTuple

from benchmarks.orders import order_body
from benchmarks.results import Measured
from benchmarks.system import System, running_system
from transformer.event import Event
from transformer.ids import SourceId, TransformationId, WorkspaceId, new_event_id
from transformer.queue.appends import Append, DueDrain
from transformer.queue.connection import open_redis
from transformer.queue.jobs import Jobs
from transformer.queue.keys import events_stream
from transformer.queue.streams import Streams
from transformer.queued import queue_event

SMALL, LARGE, WINDOW, ROUNDS = 10_000, 1_000_000, 20_000, 5
QUICK_SMALL, QUICK_LARGE, QUICK_WINDOW, QUICK_ROUNDS = 2_000, 20_000, 4_000, 2
TARGET = 1.2
_GROUP = 512


class _Cost(NamedTuple):
    """What one event took."""

    cpu_us: float
    wall_us: float


def measure(*, quick: bool = False) -> list[Measured]:
    """Measure the cost of an event in a large backlog, relative to that in a small one."""
    small, large, window, rounds = (
        (QUICK_SMALL, QUICK_LARGE, QUICK_WINDOW, QUICK_ROUNDS)
        if quick
        else (SMALL, LARGE, WINDOW, ROUNDS)
    )
    base, windows = [], []
    with running_system() as system, closing(_Backlog(system)) as backlog:
        # Twice as many as large windows, so that both have seen as many events.
        for _ in range(rounds * window // small):
            with system.paused():
                backlog.append(small)
            base.append(backlog.drain(small))
            _tell(f"of {small:,}", base[-1])
        with system.paused():
            started = time.perf_counter()
            backlog.append(large)
            print(f"  appended {large:,} in {time.perf_counter() - started:.0f} s", flush=True)
        for _ in range(rounds):
            windows.append(backlog.drain(window))
            _tell(f"of {large:,}", windows[-1])
    # The first small one meets processes that have not worked yet.
    return [
        _ratio(
            "pipeline.backlog_cost_ratio",
            base[1:],
            windows,
            _Cost._fields.index("cpu_us"),
            target=TARGET,
        ),
        _ratio("pipeline.backlog_wall_ratio", base[1:], windows, _Cost._fields.index("wall_us")),
    ]


class _Backlog:
    """The events of one transformation, appended without HTTP."""

    def __init__(self, system: System) -> None:
        [(workspace_id, source_id)] = system.store.rows(
            "select workspace_id, source_id from transformations where id = ?",
            system.transformation_id,
        )
        self._system = system
        self._workspace_id = WorkspaceId(workspace_id)
        self._source_id = SourceId(source_id)
        self._stream = events_stream(self._workspace_id, TransformationId(system.transformation_id))
        self._connection = open_redis(system.instance.redis_url)
        self._streams = Streams(self._connection)
        self._jobs = Jobs(self._connection)
        self._appended = 0
        self._applied = 0

    def append(self, count: int) -> None:
        """Append so many, in groups as accepting does it, then enqueue the drain."""
        due: list[DueDrain] = []
        for first in range(0, count, _GROUP):
            group = range(first, min(first + _GROUP, count))
            due += self._streams.append([self._entry(number) for number in group])
        for drain in due:
            self._jobs.enqueue(drain.stream, job_id=drain.job_id)
        self._appended += count

    def drain(self, count: int) -> _Cost:
        """Wait until so many more are applied; gives what each of them cost."""
        transformed, applied = self._transformed(), self._applied
        before = self._system.cpu()
        started = time.perf_counter()
        self._system.wait_for(count)
        wall_us = (time.perf_counter() - started) * 1e6
        used = {
            role: (seconds - before.get(role, 0.0)) * 1e6
            for role, seconds in self._system.cpu().items()
        }
        transformed = self._transformed() - transformed
        self._applied = self._system.store.deliveries()
        applied = self._applied - applied
        cpu_us = (
            (used["worker"] + used["worker.guest"]) / max(transformed, 1)
            + used["writer"] / applied
            + used["valkey"] * 2 / (transformed + applied)
        )
        return _Cost(cpu_us, wall_us / count)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _transformed(self) -> int:
        return self._appended - int(self._connection.xlen(self._stream))

    def _entry(self, number: int) -> Append:
        body = order_body(number, lines=0)
        event = Event(
            id=new_event_id(),
            workspace_id=self._workspace_id,
            source_id=self._source_id,
            accepted_at=datetime.now(UTC),
            content_type="application/json",
            headers={"Content-Type": "application/json"},
            body=body,
        )
        return Append(self._stream, queue_event(event, source_name="Orders", payload=body))


def _ratio(
    name: str,
    base: Sequence[_Cost],
    windows: Sequence[_Cost],
    which: int,
    *,
    target: float | None = None,
) -> Measured:
    small = statistics.median(cost[which] for cost in base)
    return Measured(
        name,
        "times",
        "lower",
        [cost[which] / small for cost in windows],
        target=target,
        notes={
            "us_per_event.small": round(small, 1),
            "us_per_event.large": round(statistics.median(cost[which] for cost in windows), 1),
        },
    )


def _tell(what: str, cost: _Cost) -> None:
    print(
        f"  backlog {what}: {cost.cpu_us:.1f} µs of CPU an event, {cost.wall_us:.1f} µs of time",
        flush=True,
    )
