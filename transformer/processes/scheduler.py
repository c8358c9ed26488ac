"""The process that looks after what nobody else would: lost drains, and old rows."""

import signal
from datetime import timedelta
from types import FrameType

import structlog

from transformer.clock import SystemClock, to_text
from transformer.errors import TransformerError
from transformer.logs import configure_logs
from transformer.processes.parts import open_store, redis_url_of
from transformer.queue.connection import open_redis
from transformer.queue.jobs import Jobs
from transformer.queue.rescue import Rescuer
from transformer.settings import Settings
from transformer.stops import Stops
from transformer.store.deliveries import remove_older_than
from transformer.store.engine import Engine, writing

RESCUE_EVERY_S = 1.0
PRUNE_EVERY_S = 600.0
_PRUNE_ROWS = 500

_log = structlog.get_logger()


def run_scheduler(settings: Settings) -> None:
    """Rescue lost drains each second, and remove what is older than the retention."""
    configure_logs("scheduler")
    connection = open_redis(redis_url_of(settings))
    rescuer = Rescuer(connection, Jobs(connection))
    engine = open_store(settings)
    clock, stops = SystemClock(), Stops()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stops.end()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    _log.info("scheduler.started")
    next_prune = clock.monotonic()
    while stops.wait(RESCUE_EVERY_S):
        try:
            for stream in rescuer.rescue():
                _log.warning("drain.rescued", stream=stream)
            if clock.monotonic() >= next_prune:
                next_prune = clock.monotonic() + PRUNE_EVERY_S
                prune(engine, settings, clock=clock, stops=stops)
        except TransformerError as error:
            _log.error("scheduler.failed", error=error.message)
    _log.info("scheduler.stopped")


def prune(engine: Engine, settings: Settings, *, clock: SystemClock, stops: Stops) -> int:
    """Remove events and deliveries older than the retention, in small steps between writers."""
    before = to_text(clock.now() - timedelta(days=settings.log_retention_days))
    removed = 0
    while True:
        with writing(engine) as connection:
            step = remove_older_than(connection, before=before, limit=_PRUNE_ROWS)
        removed += step
        if step == 0 or not stops.wait(0.05):
            break
    if removed:
        _log.info("log.pruned", rows=removed, before=before)
    return removed
