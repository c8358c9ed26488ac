"""Puts the parts together, one function a process; nothing else makes them.

Each function blocks until SIGTERM or SIGINT, and then ends what it has begun.
"""

import gc
import signal
import socket
from collections.abc import Callable, Sequence
from datetime import timedelta
from types import FrameType

import structlog
import uvicorn

from sandbox import Limits, SandboxPool
from transformer.api.deps import ApiDeps, ReplayItem
from transformer.clock import Clock, SystemClock, to_text
from transformer.errors import TransformerError, UsageError
from transformer.event import payload_text
from transformer.ingest.accept import Acceptor
from transformer.ingest.protocol import OneWriteProtocol
from transformer.ingest.routes import Routes
from transformer.logs import configure_logs
from transformer.queue.connection import open_append_pool, open_redis, open_rq_redis
from transformer.queue.jobs import Jobs, work
from transformer.queue.keys import DrainKind, events_stream
from transformer.queue.rescue import Rescuer
from transformer.queue.streams import LEASE_MS, Append, Appender, Streams
from transformer.queued import queue_event, to_fields
from transformer.settings import Settings
from transformer.stops import Stops
from transformer.store.deliveries import remove_older_than
from transformer.store.engine import Engine, open_engine, writing
from transformer.store.migrate import check_migrated, migrate
from transformer.store.workspaces import ensure_default_workspace
from transformer.web import WebParts, build_app
from transformer.worker.check import Checker
from transformer.worker.drain import EventsDrain
from transformer.worker.preview import Preview
from transformer.worker.revisions import Revisions
from transformer.worker.transform import Transformer
from transformer.writer.drain import OutcomesDrain

RESCUE_EVERY_S = 1.0
COLLECT_EVERY_S = 1.0
PRUNE_EVERY_S = 600.0
_PRUNE_ROWS = 500
_GRACE_S = 10
_PREVIEW_GUESTS = 4

_log = structlog.get_logger()


def run_migrate(settings: Settings) -> None:
    """Bring the database to the newest step, and see to it that there is a workspace."""
    migrate(settings.resolved_database_url())
    engine = open_engine(settings.resolved_database_url())
    with writing(engine) as connection:
        ensure_default_workspace(connection, now=SystemClock().now())
    engine.dispose()


def run_web(settings: Settings) -> None:
    """Serve ingest and the console API; prints ``ready http://HOST:PORT`` when it does."""
    configure_logs("web")
    redis_url = _redis_url(settings)
    admin_token = settings.admin_token.get_secret_value()
    if not admin_token:
        raise UsageError(
            "TRANSFORMER_ADMIN_TOKEN is not set.",
            hint="Set it to a long random text; `transformer up` makes one by itself.",
        )
    engine = _open_store(settings)
    connection = open_redis(redis_url)
    streams, jobs = Streams(connection), Jobs(connection)
    clock, stops = SystemClock(), _stops(settings)
    listening = _listen(settings.host, settings.port)
    with SandboxPool(limits=_limits(settings), max_guests=_PREVIEW_GUESTS) as pool:

        def acceptor() -> Acceptor:
            return Acceptor(
                appender=Appender(open_append_pool(redis_url)),
                jobs=jobs,
                routes=Routes(engine, read_version=streams.config_version),
                clock=clock,
                stops=stops,
            )

        app = build_app(
            WebParts(
                acceptor=acceptor,
                api=ApiDeps(
                    engine=engine,
                    clock=clock,
                    admin_token=admin_token,
                    base_url="",
                    preview=Preview(Transformer(pool, Checker())),
                    replayer=StreamReplayer(streams, jobs),
                    changed=streams.config_changed,
                    ready=Readiness(engine, streams).problems,
                    max_body_bytes=settings.max_body_bytes,
                ),
                backlog=streams.backlog,
                max_body_bytes=settings.max_body_bytes,
            )
        )
        _spare_collector()
        config = uvicorn.Config(
            app,
            http=OneWriteProtocol,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=_GRACE_S,
            timeout_keep_alive=75,
        )
        _ReadyServer(config, address=_address(listening)).run(sockets=[listening])


def run_worker(settings: Settings) -> None:
    """Transform events until told to stop."""
    configure_logs("worker")
    redis_url = _redis_url(settings)
    connection = open_redis(redis_url)
    engine = _open_store(settings)
    clock = SystemClock()
    with SandboxPool(limits=_limits(settings)) as pool:
        drain = EventsDrain(
            streams=Streams(connection, lease_ms=LEASE_MS + 2 * settings.run_timeout_ms),
            jobs=Jobs(connection),
            transformer=Transformer(pool, Checker()),
            revisions=Revisions(engine),
            clock=clock,
            stops=_stops(settings),
        )
        _log.info("worker.started")
        work(
            DrainKind.TRANSFORM,
            connection=open_rq_redis(redis_url),
            handler=_collecting(drain.drain, clock),
        )
    _log.info("worker.stopped")


def run_writer(settings: Settings) -> None:
    """Apply settlements until told to stop."""
    configure_logs("writer")
    redis_url = _redis_url(settings)
    connection = open_redis(redis_url)
    clock = SystemClock()
    drain = OutcomesDrain(
        streams=Streams(connection),
        jobs=Jobs(connection),
        engine=_open_store(settings),
        clock=clock,
        stops=_stops(settings),
    )
    _log.info("writer.started")
    work(
        DrainKind.WRITE,
        connection=open_rq_redis(redis_url),
        handler=_collecting(drain.drain, clock),
    )
    _log.info("writer.stopped")


def run_scheduler(settings: Settings) -> None:
    """Rescue lost drains each second, and remove what is older than the retention."""
    configure_logs("scheduler")
    connection = open_redis(_redis_url(settings))
    rescuer = Rescuer(connection, Jobs(connection))
    engine = _open_store(settings)
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


class StreamReplayer:
    """Puts events of the store back onto their streams, as new deliveries."""

    def __init__(self, streams: Streams, jobs: Jobs) -> None:
        self._streams = streams
        self._jobs = jobs

    def replay(self, events: Sequence[ReplayItem]) -> None:
        """Append all of them or none.

        Raises:
            QueueUnavailable: Redis does not answer.
        """
        appends = [
            Append(
                events_stream(item.event.workspace_id, item.transformation_id),
                to_fields(
                    queue_event(
                        item.event,
                        source_name=item.source_name,
                        payload=payload_text(item.event.body, item.event.content_type),
                        revision_id=item.revision_id,
                        replay_of=item.replay_of,
                    )
                ),
            )
            for item in events
        ]
        for due in self._streams.append(appends):
            self._jobs.enqueue(due.stream, job_id=due.job_id)


class Readiness:
    """What `/readyz` tells: is everything there that accepting a webhook needs?"""

    def __init__(self, engine: Engine, streams: Streams) -> None:
        self._engine = engine
        self._streams = streams

    def problems(self) -> list[tuple[str, str | None]]:
        """Give each service's name with what is wrong with it, or None."""
        return [("redis", self._redis()), ("store", self._store())]

    def _redis(self) -> str | None:
        try:
            self._streams.ping()
        except TransformerError as error:
            return error.message
        return None

    def _store(self) -> str | None:
        try:
            check_migrated(self._engine)
        except TransformerError as error:
            return error.message
        return None


class _ReadyServer(uvicorn.Server):
    """A uvicorn server that says on standard output when it serves."""

    def __init__(self, config: uvicorn.Config, *, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            print(f"ready {self._address}", flush=True)  # noqa: T201 - the line that callers wait for


def _spare_collector() -> None:
    """Let the garbage collector pass over what start-up made, and come less often.

    What travels here holds no cycles: looking for some every 700 objects cost a tenth of the CPU,
    and stalled web for 60 ms at a time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _collecting(drain: Callable[[str, str], None], clock: Clock) -> Callable[[str, str], None]:
    """Collect garbage between drains, and never in the middle of one.

    A batch is thousands of objects that all live until it is settled: walking them again and again
    cost the worker a quarter of its CPU.
    """
    _spare_collector()
    gc.disable()
    collected_at = clock.monotonic()

    def collecting(stream: str, job_id: str) -> None:
        nonlocal collected_at
        drain(stream, job_id)
        if clock.monotonic() - collected_at > COLLECT_EVERY_S:
            gc.collect()
            collected_at = clock.monotonic()

    return collecting


def _redis_url(settings: Settings) -> str:
    if not settings.redis_url:
        raise UsageError(
            "TRANSFORMER_REDIS_URL is not set.",
            hint="Name your Redis or Valkey, such as redis://127.0.0.1:6379; "
            "`transformer up` brings one of its own.",
        )
    return settings.redis_url


def _open_store(settings: Settings) -> Engine:
    engine = open_engine(settings.resolved_database_url())
    check_migrated(engine)
    return engine


def _limits(settings: Settings) -> Limits:
    return Limits(timeout_ms=settings.run_timeout_ms, heap_mb=settings.run_heap_mb)


def _stops(settings: Settings) -> Stops:
    return Stops(settings.stop_at)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise UsageError(
            f"{host}:{port} cannot be listened on: {error.strerror}.",
            hint="Choose another with --port, or --port 0 for any free one.",
        ) from error
    listening.listen(2_048)
    listening.set_inheritable(True)
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
