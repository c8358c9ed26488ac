"""Removes what of the delivery log is too old or too much, a little at a time, beside all else.

SQLite has one writer at a time, and what waits for the pruner is what customers wait for: so a
step holds the database for about :data:`_STEP_S`, and four times as long nobody does
(tests/integration/test_retention.py).
"""

import threading
from typing import Self

import structlog

from transformer.clock import Clock
from transformer.errors import TransformerError
from transformer.metrics import SchedulerMetrics
from transformer.settings import Settings
from transformer.store.engine import Engine, reading, writing
from transformer.store.retention import Overdue, Removed, list_overdue, remove_oldest

LOOK_EVERY_S = 10.0
_STEP_S = 0.02
_REST = 4
_FIRST_EVENTS = 50
_MOST_EVENTS = 1_000

_log = structlog.get_logger()


class Pruner:
    """A thread that prunes for as long as the ``with`` block lasts."""

    def __init__(
        self, engine: Engine, settings: Settings, *, clock: Clock, metrics: SchedulerMetrics
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._events = _FIRST_EVENTS
        self._ended = threading.Event()
        self._broken: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="pruner", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        # The last step may wait for SQLite's lock; the process need not.
        self._thread.join(timeout=1)

    def check(self) -> None:
        """Raise what ended the thread: a bug of ours ends the process, here as elsewhere."""
        if self._broken is not None:
            raise self._broken

    def prune(self) -> int:
        """Remove all that is overdue now, and say how many events that were."""
        with reading(self._engine) as connection:
            overdue = list_overdue(
                connection,
                now=self._clock.now(),
                days=self._settings.log_retention_days,
                max_mb=self._settings.log_max_mb,
            )
        return sum(self._prune_one(log) for log in overdue)

    def _run(self) -> None:
        try:
            while not self._ended.is_set():
                try:
                    self.prune()
                except TransformerError as error:
                    self._metrics.failed(error.code)
                    _log.error("log.prune_failed", code=error.code, error=error.message)
                self._ended.wait(LOOK_EVERY_S)
        except Exception as error:  # noqa: BLE001  # told by check(), in the process' own thread
            self._broken = error

    def _prune_one(self, overdue: Overdue) -> int:
        count = rows = freed = 0
        while not self._ended.is_set():
            removed = self._step(overdue)
            if not removed.events:
                break
            count, rows = count + removed.events, rows + removed.deliveries
            freed += removed.bytes
            overdue = Overdue(
                overdue.workspace_id, overdue.before, max(0, overdue.excess_bytes - removed.bytes)
            )
        if count:
            _log.info(
                "log.pruned",
                workspace_id=overdue.workspace_id,
                events=count,
                deliveries=rows,
                bytes=freed,
            )
        return count

    def _step(self, overdue: Overdue) -> Removed:
        with writing(self._engine) as connection:
            began_at = self._clock.monotonic()
            removed = remove_oldest(connection, overdue, limit=self._events)
        took_s = self._clock.monotonic() - began_at
        if took_s > _STEP_S:
            self._events = max(1, self._events // 2)
        elif took_s < _STEP_S / 2:
            self._events = min(_MOST_EVENTS, self._events + self._events // 2 + 1)
        self._ended.wait(_REST * took_s)
        return removed
