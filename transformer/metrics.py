"""What each process counts and times, for Prometheus; every series is listed in README.md here.

A process counts in memory, a batch at a time, and publishes a snapshot (``queue/beats.py``); web
shows those of all processes as one page. Counting a webhook costs a tenth of a microsecond: the
classes of prometheus_client take a lock for each observation, which :class:`Spread` does without.
"""

import os
import platform
import socket
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, generate_latest
from prometheus_client.metrics_core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from transformer.clock import Clock

_SHORT_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_DELAY_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3_600.0)
_COUNTS = (1.0, 4.0, 16.0, 64.0, 128.0, 256.0, 512.0, 1_024.0, 4_096.0)

Snapshot: TypeAlias = list[list[Any]]
"""The families of a registry as JSON: [name, kind, help, [[sample, labels, value], …]]."""


class Spread(Collector):
    """A histogram that one thread writes to, without a lock."""

    def __init__(
        self, name: str, documentation: str, bounds: Sequence[float], registry: CollectorRegistry
    ) -> None:
        self._name = name
        self._documentation = documentation
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0
        registry.register(self)

    @property
    def count(self) -> int:
        """How many values there were."""
        return sum(self._counts)

    def observe(self, value: float) -> None:
        """Count one value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def observe_ordered(self, count: int, value_at: Callable[[int], float]) -> None:
        """Count values that only rise or only fall, by looking at a few of them.

        A batch is in the order of its stream, so what stands between two values of one bucket is in
        that bucket too. The sum takes their mean for those between.
        """
        if count:
            last = count - 1
            self._observe_between(0, value_at(0), last, value_at(last), value_at)

    def _observe_between(
        self, start: int, low: float, last: int, high: float, value_at: Callable[[int], float]
    ) -> None:
        bucket = bisect_left(self._bounds, low)
        if bucket == bisect_left(self._bounds, high):
            size = last - start + 1
            self._counts[bucket] += size
            self._sum += size * (low + high) / 2
            return
        middle = (start + last) // 2
        self._observe_between(start, low, middle, value_at(middle), value_at)
        self._observe_between(middle + 1, value_at(middle + 1), last, high, value_at)

    def collect(self) -> Iterable[Metric]:
        """Give the histogram as it is now."""
        buckets, total = [], 0
        for bound, count in zip((*self._bounds, "+Inf"), list(self._counts), strict=True):
            total += count
            buckets.append((str(bound), float(total)))
        yield HistogramMetricFamily(
            self._name, self._documentation, buckets=buckets, sum_value=self._sum
        )


class ProcessMetrics:
    """What every process of ours says of itself.

    Args:
        role: web, worker, writer or scheduler.
    """

    def __init__(self, role: str) -> None:
        self.role = role
        # A process of its own in each container has the same id in all of them; hosts differ.
        self.instance = f"{socket.gethostname()}:{os.getpid()}"
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        build = Gauge(
            "transformer_build_info",
            "1; its labels say which release runs, on which Python.",
            ["version", "python"],
            registry=self.registry,
        )
        build.labels(_own_version(), platform.python_version()).set(1)


class DrainMetrics:
    """What worker and writer count of their drains."""

    def __init__(self, registry: CollectorRegistry, clock: Clock) -> None:
        self._clock = clock
        self._began_at: float | None = None
        self._drains = Counter(
            "transformer_drains",
            "Drains, by how they ended: done, fenced, stale, unavailable or broke.",
            ["end"],
            registry=registry,
        )
        busy = Gauge(
            "transformer_drain_busy_seconds",
            "How long the drain at work has lasted; 0 between drains.",
            registry=registry,
        )
        busy.set_function(self.busy_s)

    def busy_s(self) -> float:
        """Tell how long the drain at work has lasted, in seconds."""
        began_at = self._began_at
        return 0.0 if began_at is None else self._clock.monotonic() - began_at

    def begin(self) -> None:
        """Note that a drain begins."""
        self._began_at = self._clock.monotonic()

    def end(self, how: str) -> None:
        """Note that it has ended."""
        self._began_at = None
        self._drains.labels(how).inc()


class WorkerMetrics:
    """What a worker counts of its batches and its guests."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.batch_events = Spread(
            "transformer_transform_batch_events",
            "Events of a batch transformed.",
            _COUNTS,
            registry,
        )
        self.queue_delay = Spread(
            "transformer_queue_delay_seconds",
            "From an event's append to its being taken by a worker.",
            _DELAY_S,
            registry,
        )
        self.run_seconds = Spread(
            "transformer_run_seconds", "A batch's time in the sandbox.", _SHORT_S, registry
        )
        self.check_seconds = Spread(
            "transformer_check_seconds",
            "Checking what a batch's code returned.",
            _SHORT_S,
            registry,
        )
        self.settle_seconds = Spread(
            "transformer_settle_seconds", "Settling a batch in Redis.", _SHORT_S, registry
        )
        self._events = Counter(
            "transformer_events_transformed",
            "Events by what transforming gave: ok, skipped, failed or captured.",
            ["verdict"],
            registry=registry,
        )
        self._dead_letters = Counter(
            "transformer_events_given_up",
            "Events that ended the worker each time, and are dead letters unrun.",
            registry=registry,
        )
        self._starts = Counter(
            "transformer_guest_starts", "Guest processes started.", registry=registry
        )
        self._deaths = Counter(
            "transformer_guest_deaths",
            "Guest processes that ended otherwise than asked, by cause.",
            ["cause"],
            registry=registry,
        )
        self.run_s = 0.0
        self.check_s = 0.0

    def took(self) -> None:
        """Note that a batch was taken; one that is captured or given up never runs."""
        self.run_s = self.check_s = 0.0

    def ran(self, run_s: float, check_s: float) -> None:
        """Note how long a batch was in the sandbox, and how long its results were checked."""
        self.run_s, self.check_s = run_s, check_s
        self.run_seconds.observe(run_s)
        self.check_seconds.observe(check_s)

    def settled(self, verdicts: dict[str, int], *, settle_s: float) -> None:
        """Count a batch that is settled, by verdict."""
        self.batch_events.observe(sum(verdicts.values()))
        self.settle_seconds.observe(settle_s)
        for verdict, count in verdicts.items():
            self._events.labels(verdict).inc(count)

    def gave_up(self) -> None:
        """Count an event that was dead-lettered without a run."""
        self._dead_letters.inc()

    def guest_started(self) -> None:
        """Count a guest."""
        self._starts.inc()

    def guest_died(self, cause: str) -> None:
        """Count a guest that ended badly."""
        self._deaths.labels(cause).inc()


class WriterMetrics:
    """What a writer counts of its batches."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.batch_deliveries = Spread(
            "transformer_apply_batch_deliveries",
            "Deliveries of a batch applied.",
            _COUNTS,
            registry,
        )
        self.delay = Spread(
            "transformer_apply_delay_seconds",
            "From a webhook's acceptance to the commit of its effects; replays are left out.",
            _DELAY_S,
            registry,
        )
        self.apply_seconds = Spread(
            "transformer_apply_seconds",
            "A batch's reads and writes, before its commit.",
            _SHORT_S,
            registry,
        )
        self.commit_seconds = Spread(
            "transformer_commit_seconds", "The database's commit of a batch.", _SHORT_S, registry
        )
        self._deliveries = Counter(
            "transformer_deliveries",
            "Deliveries by outcome (applied, skipped, failed, captured); a failed one's error code.",
            ["outcome", "code"],
            registry=registry,
        )
        self._operations = Counter(
            "transformer_operations_applied",
            "Operations that changed a profile or a catalog item.",
            registry=registry,
        )
        self._broken = Counter(
            "transformer_settlements_given_up",
            "Settlements that broke the writer, and are dead letters.",
            registry=registry,
        )

    def applied(
        self,
        *,
        outcomes: dict[str, int],
        failures: dict[str, int],
        operations: int,
        apply_s: float,
        commit_s: float,
    ) -> None:
        """Count a batch that is committed."""
        self.batch_deliveries.observe(sum(outcomes.values()))
        self.apply_seconds.observe(apply_s)
        self.commit_seconds.observe(commit_s)
        self._operations.inc(operations)
        for outcome, count in outcomes.items():
            if outcome != "failed":
                self._deliveries.labels(outcome, "").inc(count)
        for code, count in failures.items():
            self._deliveries.labels("failed", code).inc(count)

    def gave_up(self) -> None:
        """Count a settlement that could not be applied."""
        self._broken.inc()


class SchedulerMetrics:
    """What the scheduler counts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._rescues = Counter(
            "transformer_rescues",
            "Streams whose drain had vanished and that got a new one, by kind of drain.",
            ["kind"],
            registry=registry,
        )
        self._failures = Counter(
            "transformer_scheduler_failures",
            "Turns of the scheduler that failed, by error code.",
            ["code"],
            registry=registry,
        )

    def rescued(self, kind: str) -> None:
        """Count a stream."""
        self._rescues.labels(kind).inc()

    def failed(self, code: str) -> None:
        """Count a turn."""
        self._failures.labels(code).inc()


class ForwardMetrics:
    """What is counted of the calls of forwards."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls = Counter(
            "transformer_forward_calls",
            "Calls of forwards, by how they ended: taken, refused, slow, unavailable or barred.",
            ["end"],
            registry=registry,
        )
        self._seconds = Spread(
            "transformer_forward_call_seconds",
            "From the beginning of a forward's call to its answer, or to the end of waiting for one.",
            _DELAY_S,
            registry,
        )
        self._operations = Counter(
            "transformer_forward_operations",
            "Operations of forwards that the other side took (sent) or did not (refused).",
            ["end"],
            registry=registry,
        )

    def called(self, end: str, seconds: float) -> None:
        """Count a call."""
        self._calls.labels(end).inc()
        self._seconds.observe(seconds)

    def went(self, *, sent: int, refused: int) -> None:
        """Count operations."""
        self._operations.labels("sent").inc(sent)
        self._operations.labels("refused").inc(refused)


class QueueMetrics:
    """What is true of the queue as a whole; web looks when it is asked."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.backlog = Gauge(
            "transformer_backlog_entries", "Entries that wait in all streams.", registry=registry
        )
        self.entries = Gauge(
            "transformer_stream_entries",
            "Entries that wait, by kind of drain.",
            ["kind"],
            registry=registry,
        )
        self.streams = Gauge(
            "transformer_streams", "Streams that hold entries.", ["kind"], registry=registry
        )
        self.oldest = Gauge(
            "transformer_oldest_entry_age_seconds",
            "How long the oldest entry of all streams has waited.",
            ["kind"],
            registry=registry,
        )
        self.memory = Gauge(
            "transformer_redis_memory_bytes", "What Redis holds.", registry=registry
        )
        self.memory_limit = Gauge(
            "transformer_redis_memory_limit_bytes",
            "What Redis may hold (maxmemory); 0: no limit.",
            registry=registry,
        )
        self.answers = Gauge(
            "transformer_redis_up", "Whether Redis answered this look.", registry=registry
        )

    def unknown(self) -> None:
        """Say that Redis did not answer, and nothing of what it holds."""
        self.answers.set(0)
        for gauge in (self.backlog, self.memory, self.memory_limit):
            gauge.set(float("nan"))


def snapshot_of(registry: CollectorRegistry) -> Snapshot:
    """Read everything that a registry holds."""
    return [
        [
            family.name,
            family.type,
            family.documentation,
            [
                [sample.name, sample.labels, sample.value]
                for sample in family.samples
                # When a series began is of no use here, and doubles what is published.
                if not sample.name.endswith("_created")
            ],
        ]
        for family in registry.collect()
    ]


def page_of(snapshots: Iterable[tuple[str, str, Snapshot]]) -> bytes:
    """Write (role, instance, snapshot) of all processes as one page of Prometheus' text format."""
    families: dict[str, Metric] = {}
    for role, instance, snapshot in snapshots:
        for name, kind, documentation, samples in snapshot:
            family = families.setdefault(name, Metric(name, documentation, kind))
            for sample, labels, value in samples:
                shown = {"process": role, "instance": instance, **labels}
                family.add_sample(sample, shown, float("nan") if value is None else value)
    return generate_latest(_Page(list(families.values())))


class _Page(CollectorRegistry):
    def __init__(self, families: list[Metric]) -> None:
        super().__init__()
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _own_version() -> str:
    try:
        return version("transformer")
    except PackageNotFoundError:
        return "unknown"  # run from a folder, and not installed
