"""The process that applies operations."""

import structlog

from transformer.clock import SystemClock
from transformer.metrics import DrainMetrics, ProcessMetrics, WriterMetrics
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
from transformer.queue.streams import Streams
from transformer.settings import Settings
from transformer.store.rules import RulesInForce
from transformer.store.targets import Targets
from transformer.store.weights import Weights
from transformer.traces import closing_traces, open_traces
from transformer.writer.drain import OutcomesDrain
from transformer.writer.identity import read_blocked

_log = structlog.get_logger()


def run_writer(settings: Settings) -> None:
    """Apply settlements until told to stop."""
    open_logs("writer", settings)
    redis_url = redis_url_of(settings)
    connection = open_redis(redis_url)
    engine = open_store(settings)
    clock = SystemClock()
    process = ProcessMetrics("writer")
    traces = open_traces("writer", settings.traces)
    drains = DrainMetrics(process.registry, clock)
    drain = OutcomesDrain(
        streams=Streams(connection),
        jobs=Jobs(connection),
        engine=engine,
        clock=clock,
        stops=stops_of(settings, "writer"),
        weigh=Weights(engine, clock).of,
        forwards=Targets(engine, clock, most=settings.forward_backlog_limit).of,
        rules=RulesInForce(engine, clock).of,
        metrics=WriterMetrics(process.registry),
        traces=traces,
        drains=drains,
        blocked=read_blocked(settings.blocked_external_ids),
    )
    drain.lease.start()
    with closing_traces(traces), Heart(process, redis_url, busy_s=drains.busy_s):
        _log.info("writer.started")
        work(
            DrainKind.WRITE,
            connection=open_rq_redis(redis_url),
            handler=collecting_between(drain.drain, clock),
        )
    _log.info("writer.stopped")
