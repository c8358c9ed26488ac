"""The process that runs customers' code over events."""

import structlog

from transformer.clock import SystemClock
from transformer.metrics import DrainMetrics, ProcessMetrics, WorkerMetrics
from transformer.processes.heart import Heart
from transformer.processes.parts import (
    collecting_between,
    open_logs,
    open_store,
    redis_url_of,
    stops_of,
)
from transformer.queue.connection import open_redis, open_rq_redis
from transformer.queue.jobs import Jobs, work
from transformer.queue.keys import DrainKind
from transformer.queue.lease import HOLD_S
from transformer.queue.streams import Streams
from transformer.settings import Settings
from transformer.store.weights import Weights
from transformer.traces import closing_traces, open_traces
from transformer.worker.check import Checker
from transformer.worker.drain import EventsDrain
from transformer.worker.pool import open_pool, report_layers
from transformer.worker.revisions import Revisions
from transformer.worker.transform import Transformer

_log = structlog.get_logger()


def run_worker(settings: Settings) -> None:
    """Transform events until told to stop."""
    open_logs("worker", settings)
    redis_url = redis_url_of(settings)
    connection = open_redis(redis_url)
    engine = open_store(settings)
    clock = SystemClock()
    process = ProcessMetrics("worker")
    metrics, drains = WorkerMetrics(process.registry), DrainMetrics(process.registry, clock)
    traces = open_traces("worker", settings.traces)
    with (
        closing_traces(traces),
        open_pool(settings, watch=metrics) as pool,
        Heart(process, redis_url, busy_s=drains.busy_s),
    ):
        report_layers(pool)
        drain = EventsDrain(
            streams=Streams(connection),
            jobs=Jobs(connection),
            transformer=Transformer(pool, Checker(), timed=metrics.ran),
            revisions=Revisions(engine, clock),
            clock=clock,
            stops=stops_of(settings, "worker"),
            weigh=Weights(engine, clock).of,
            metrics=metrics,
            traces=traces,
            drains=drains,
        )
        drain.lease.start(hold_s=HOLD_S + 2 * settings.run_timeout_ms / 1_000)
        _log.info("worker.started")
        work(
            DrainKind.TRANSFORM,
            connection=open_rq_redis(redis_url),
            handler=collecting_between(drain.drain, clock),
        )
    _log.info("worker.stopped")
