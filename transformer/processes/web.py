"""The process that answers HTTP: ingest and the console API."""

import resource
import signal
import socket
from functools import partial
from types import FrameType
from typing import Any, cast

import redis
import structlog
import uvicorn

from transformer.api.deps import ApiDeps, Delay
from transformer.clock import SystemClock
from transformer.errors import UsageError
from transformer.ids import WorkspaceId
from transformer.ingest.accept import Acceptor
from transformer.ingest.connections import Connections, Patience
from transformer.ingest.protocol import WebhookProtocol
from transformer.ingest.replay import StreamReplayer
from transformer.ingest.routes import DefaultLimits, Routes
from transformer.metrics import ProcessMetrics
from transformer.processes.heart import Heart
from transformer.processes.page import MetricsPage
from transformer.processes.parts import (
    open_logs,
    open_store,
    redis_url_of,
    spare_collector,
    stops_of,
)
from transformer.processes.readiness import Readiness
from transformer.queue.appends import Appender
from transformer.queue.connection import open_append_pool, open_redis
from transformer.queue.jobs import Jobs
from transformer.queue.keys import DrainKind, kind_of, transformation_of
from transformer.queue.replays import ReplayStreams
from transformer.queue.replies import ReplyList
from transformer.queue.streams import Streams
from transformer.queue.survey import delays
from transformer.queue.windows import Windows
from transformer.rest.admission import Admission
from transformer.rest.app import RestParts
from transformer.rest.keys import Keys
from transformer.rest.metrics import RestMetrics
from transformer.rest.submission import Submissions
from transformer.settings import Settings
from transformer.traces import closing_traces, open_traces
from transformer.web import WebParts, build_app
from transformer.worker.check import MOST_PROBLEMS, Checker
from transformer.worker.pool import open_pool
from transformer.worker.preview import Preview
from transformer.worker.transform import Transformer
from transformer.writer.identity import read_blocked

_GRACE_S = 10
_PREVIEW_GUESTS = 4
# Files that are no connections of senders: Redis, the database, guests, logs.
_OTHER_FILES = 256

_log = structlog.get_logger()


def run_web(settings: Settings) -> None:
    """Serve ingest and the console API; prints ``ready http://HOST:PORT`` when it does."""
    open_logs("web", settings)
    redis_url = redis_url_of(settings)
    admin_token = settings.admin_token.get_secret_value()
    if not admin_token:
        raise UsageError(
            "TRANSFORMER_ADMIN_TOKEN is not set.",
            hint="Set it to a long random text; `transformer up` makes one by itself.",
        )
    engine = open_store(settings)
    connection = open_redis(redis_url)
    streams, jobs = Streams(connection), Jobs(connection)
    clock, stops = SystemClock(), stops_of(settings, "web")
    listening = _listen(settings.host, settings.port)
    process, traces = ProcessMetrics("web"), open_traces("web", settings.traces)
    with (
        closing_traces(traces),
        open_pool(settings, max_guests=_PREVIEW_GUESTS, misfits=MOST_PROBLEMS, rests=True) as pool,
        Heart(process, redis_url),
    ):
        readiness = Readiness(engine, connection, pool, data_dir=settings.data_dir)

        def acceptor() -> Acceptor:
            return Acceptor(
                appender=Appender(
                    open_append_pool(redis_url),
                    wait_replicas=settings.redis_wait_replicas,
                    wait_timeout_ms=settings.redis_wait_timeout_ms,
                ),
                jobs=jobs,
                routes=Routes(
                    engine,
                    read_version=streams.config_version,
                    clock=clock,
                    limits=DefaultLimits(
                        source_rate_per_s=settings.source_rate_per_s,
                        workspace_rate_per_s=settings.workspace_rate_per_s,
                        backlog=settings.backlog_limit,
                    ),
                ),
                clock=clock,
                stops=stops,
            )

        def rest(acceptor: Acceptor) -> RestParts:
            return RestParts(
                engine=engine,
                clock=clock,
                admission=Admission(
                    Keys(engine, clock=clock, backlog_limit=settings.backlog_limit),
                    Windows(open_append_pool(redis_url)),
                    rate_percent=settings.rest_rate_percent,
                ),
                submissions=Submissions(
                    acceptor, clock=clock, replies=ReplyList(open_append_pool(redis_url))
                ),
                metrics=RestMetrics(process.registry),
                blocked_external_ids=read_blocked(settings.blocked_external_ids),
            )

        app = build_app(
            WebParts(
                acceptor=acceptor,
                rest=rest,
                api=ApiDeps(
                    engine=engine,
                    clock=clock,
                    admin_token=admin_token,
                    base_url="",
                    preview=Preview(Transformer(pool, Checker())),
                    replayer=StreamReplayer(streams, ReplayStreams(connection), jobs),
                    changed=streams.config_changed,
                    ready=readiness.problems,
                    layers=readiness.layers,
                    delays=partial(_delays, connection),
                    watched=readiness.watched,
                    max_body_bytes=settings.max_body_bytes,
                    blocked_external_ids=read_blocked(settings.blocked_external_ids),
                    forward_reach=settings.forward_to,
                    forward_timeout_s=settings.forward_timeout_s,
                ),
                process=process,
                metrics_page=MetricsPage(process, connection),
                traces=traces,
                max_body_bytes=settings.max_body_bytes,
            )
        )
        connections = Connections(
            Patience(
                request_s=settings.request_timeout_s,
                connections=_most_connections(settings.max_connections),
            )
        )
        spare_collector()
        config = uvicorn.Config(
            app,
            http=cast(
                "Any", partial(WebhookProtocol, inbound=app.inbound, connections=connections)
            ),
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
        server = _ReadyServer(config, address=_address(listening))
        for number in (signal.SIGTERM, signal.SIGINT):
            # uvicorn sends itself what it got once more when it has ended: the rest of this block is
            # to be left in order all the same.
            signal.signal(number, server.end)
        _log.info("web.started")
        server.run(sockets=[listening])
    _log.info("web.stopped")


class _ReadyServer(uvicorn.Server):
    """A uvicorn server that says on standard output when it serves."""

    def __init__(self, config: uvicorn.Config, *, address: str) -> None:
        super().__init__(config)
        self._address = address

    def end(self, _number: int, _frame: FrameType | None) -> None:
        """Ask to end, as a handler of signals."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            print(f"ready {self._address}", flush=True)  # noqa: T201 - the line that callers wait for


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


def _delays(connection: redis.Redis, workspace_id: WorkspaceId) -> list[Delay]:
    return [
        Delay(
            transformation_of(delay.stream)
            if kind_of(delay.stream) is DrainKind.TRANSFORM
            else None,
            delay.entries,
            delay.oldest_s,
        )
        for delay in delays(connection, workspace_id)
    ]


def _most_connections(wanted: int) -> int:
    """Raise the limit of open files as far as it is needed; gives how many connections fit in it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + _OTHER_FILES
    if soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(wanted, soft - _OTHER_FILES)
