"""The process that runs customers' code over events."""

import structlog

from transformer.clock import SystemClock
from transformer.logs import configure_logs
from transformer.processes.parts import (
    collecting_between,
    lease_ms_of,
    open_store,
    redis_url_of,
    stops_of,
)
from transformer.queue.connection import open_redis, open_rq_redis
from transformer.queue.jobs import Jobs, work
from transformer.queue.keys import DrainKind
from transformer.queue.streams import Streams
from transformer.settings import Settings
from transformer.store.weights import Weights
from transformer.worker.check import Checker
from transformer.worker.drain import EventsDrain
from transformer.worker.pool import open_pool, report_layers
from transformer.worker.revisions import Revisions
from transformer.worker.transform import Transformer

_log = structlog.get_logger()


def run_worker(settings: Settings) -> None:
    """Transform events until told to stop."""
    configure_logs("worker")
    redis_url = redis_url_of(settings)
    connection = open_redis(redis_url)
    engine = open_store(settings)
    clock = SystemClock()
    with open_pool(settings) as pool:
        report_layers(pool)
        drain = EventsDrain(
            streams=Streams(connection, lease_ms=lease_ms_of(settings)),
            jobs=Jobs(connection),
            transformer=Transformer(pool, Checker()),
            revisions=Revisions(engine, clock),
            clock=clock,
            stops=stops_of(settings),
            weigh=Weights(engine, clock).of,
        )
        _log.info("worker.started")
        work(
            DrainKind.TRANSFORM,
            connection=open_rq_redis(redis_url),
            handler=collecting_between(drain.drain, clock),
        )
    _log.info("worker.stopped")
