"""The process that answers HTTP: ingest and the console API."""

import resource
import socket
from collections.abc import Sequence
from functools import partial
from typing import Any, cast

import uvicorn

from sandbox import GuestUnavailable, LayerState, SandboxPool
from transformer.api.deps import ApiDeps
from transformer.clock import SystemClock
from transformer.errors import TransformerError, UsageError
from transformer.ingest.accept import Acceptor
from transformer.ingest.connections import Connections, Patience
from transformer.ingest.protocol import WebhookProtocol
from transformer.ingest.replay import StreamReplayer
from transformer.ingest.routes import Routes
from transformer.logs import configure_logs
from transformer.processes.parts import open_store, redis_url_of, spare_collector, stops_of
from transformer.queue.connection import open_append_pool, open_redis
from transformer.queue.jobs import Jobs
from transformer.queue.streams import Appender, Streams
from transformer.settings import Settings
from transformer.store.engine import Engine
from transformer.store.steps import check_migrated
from transformer.web import WebParts, build_app
from transformer.worker.check import MOST_PROBLEMS, Checker
from transformer.worker.pool import open_pool, report_layers
from transformer.worker.preview import Preview
from transformer.worker.transform import Transformer

_GRACE_S = 10
_PREVIEW_GUESTS = 4
# Files that are no connections of senders: Redis, the database, guests, logs.
_OTHER_FILES = 256


def run_web(settings: Settings) -> None:
    """Serve ingest and the console API; prints ``ready http://HOST:PORT`` when it does."""
    configure_logs("web")
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
    clock, stops = SystemClock(), stops_of(settings)
    listening = _listen(settings.host, settings.port)
    with open_pool(settings, max_guests=_PREVIEW_GUESTS, misfits=MOST_PROBLEMS) as pool:
        readiness = Readiness(engine, streams, pool)

        def acceptor() -> Acceptor:
            return Acceptor(
                appender=Appender(
                    open_append_pool(redis_url),
                    wait_replicas=settings.redis_wait_replicas,
                    wait_timeout_ms=settings.redis_wait_timeout_ms,
                ),
                jobs=jobs,
                routes=Routes(engine, read_version=streams.config_version, clock=clock),
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
                    ready=readiness.problems,
                    layers=readiness.layers,
                    max_body_bytes=settings.max_body_bytes,
                ),
                backlog=streams.backlog,
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
        _ReadyServer(config, address=_address(listening)).run(sockets=[listening])


class Readiness:
    """What `/readyz` tells: is everything there that accepting a webhook needs?"""

    def __init__(self, engine: Engine, streams: Streams, pool: SandboxPool) -> None:
        self._engine = engine
        self._streams = streams
        self._pool = pool
        self._layers: Sequence[LayerState] = ()
        self._sandbox()

    def problems(self) -> list[tuple[str, str | None]]:
        """Give each service's name with what is wrong with it, or None."""
        return [("redis", self._redis()), ("store", self._store()), ("sandbox", self._sandbox())]

    def layers(self) -> list[tuple[str, bool, str]]:
        """Give each layer of the sandbox: its name, whether it is in force, how or why not."""
        return [(state.layer.value, state.in_force, state.detail) for state in self._layers]

    def _sandbox(self) -> str | None:
        # Which layers are in force does not change while we run.
        if self._layers:
            return None
        try:
            self._layers = report_layers(self._pool)
        except UsageError as error:
            return error.message
        except GuestUnavailable as error:
            return str(error)
        return None

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


def _most_connections(wanted: int) -> int:
    """Raise the limit of open files as far as it is needed; gives how many connections fit in it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + _OTHER_FILES
    if soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(wanted, soft - _OTHER_FILES)
