"""Removes what is no longer wanted, a little at a time, beside all else.

That is what of the delivery log is too old or too much, and the items of catalogs that were deleted.
"""

import threading
from typing import Self

import structlog

from transformer.clock import Clock
from transformer.errors import TransformerError
from transformer.ids import CatalogId, WorkspaceId
from transformer.metrics import SchedulerMetrics
from transformer.processes.paced import PacedSteps
from transformer.settings import Settings
from transformer.store.engine import Connection, Engine, reading
from transformer.store.items import list_deleted, sweep_items
from transformer.store.retention import Overdue, Removed, list_overdue, remove_oldest

LOOK_EVERY_S = 10.0

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
        self._ended = threading.Event()
        self._on_logs = PacedSteps(engine, clock=clock, ended=self._ended)
        self._on_items = PacedSteps(engine, clock=clock, ended=self._ended)
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

    def sweep(self) -> int:
        """Remove the items of all catalogs that are deleted by now, and say how many those were."""
        with reading(self._engine) as connection:
            deleted = list_deleted(connection)
        return sum(self._sweep_one(*catalog) for catalog in deleted)

    def _run(self) -> None:
        try:
            while not self._ended.is_set():
                try:
                    self.prune()
                    self.sweep()
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
        def remove(connection: Connection, limit: int) -> Removed:
            return remove_oldest(connection, overdue, limit=limit)

        return self._on_logs.run(remove)

    def _sweep_one(self, catalog_id: CatalogId, workspace_id: WorkspaceId) -> int:
        def remove(connection: Connection, limit: int) -> int | None:
            return sweep_items(connection, catalog_id, limit=limit)

        count = 0
        while not self._ended.is_set():
            removed = self._on_items.run(remove)
            if removed is None:
                break
            if removed == 0:
                _log.info("catalog.swept", workspace_id=workspace_id, items=count)
                break
            count += removed
        return count
