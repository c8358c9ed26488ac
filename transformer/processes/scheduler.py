"""The process that looks after what nobody else would: lost drains, replays, old rows, forwards."""

import signal
import threading
from types import FrameType

import structlog

from transformer.clock import SystemClock
from transformer.errors import TransformerError
from transformer.ingest.pump import ReplayPump
from transformer.ingest.replay import StreamReplayer
from transformer.metrics import ForwardMetrics, ProcessMetrics, SchedulerMetrics
from transformer.processes.forwarding import Forwarding
from transformer.processes.heart import Heart
from transformer.processes.parts import (
    lease_ms_of,
    open_logs,
    open_store,
    redis_url_of,
    stops_of,
)
from transformer.processes.retention import Pruner
from transformer.queue.connection import open_redis
from transformer.queue.jobs import Jobs
from transformer.queue.keys import kind_of
from transformer.queue.replays import ReplayStreams
from transformer.queue.rescue import Rescuer
from transformer.queue.streams import Streams
from transformer.settings import Settings

RESCUE_EVERY_S = 1.0

_log = structlog.get_logger()


def run_scheduler(settings: Settings) -> None:
    """Rescue lost drains each second, work replays off, remove what is too old, and forward."""
    open_logs("scheduler", settings)
    redis_url = redis_url_of(settings)
    connection = open_redis(redis_url)
    streams = Streams(connection)
    jobs = Jobs(connection)
    clock, stops = SystemClock(), stops_of(settings, "scheduler")
    rescuer = Rescuer(connection, jobs, stops, longest_lease_ms=lease_ms_of(settings))
    engine = open_store(settings)
    pump = ReplayPump(
        engine, StreamReplayer(streams, ReplayStreams(connection), jobs), clock, stops
    )

    def end(_signal: int, _frame: FrameType | None) -> None:
        stops.end()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    process = ProcessMetrics("scheduler")
    metrics = SchedulerMetrics(process.registry)
    heart = Heart(process, redis_url)
    heart.start()
    # In a thread of its own, so that rescue never waits for a page.
    pumping = threading.Thread(target=pump.run, name="replays")
    pumping.start()
    _log.info("scheduler.started")
    try:
        with (
            Pruner(engine, settings, clock=clock, metrics=metrics) as pruner,
            Forwarding(
                engine,
                settings,
                clock=clock,
                stops=stops,
                metrics=ForwardMetrics(process.registry),
            ),
        ):
            while stops.wait(RESCUE_EVERY_S):
                pruner.check()
                try:
                    if streams.is_almost_full():
                        _log.warning("redis.almost_full")
                    for stream in rescuer.rescue():
                        metrics.rescued(kind_of(stream).value)
                        _log.warning("drain.rescued", stream=stream)
                except TransformerError as error:
                    metrics.failed(error.code)
                    _log.error("scheduler.failed", code=error.code, error=error.message)
    finally:
        stops.end()
        pumping.join()
        heart.stop()
    _log.info("scheduler.stopped")
