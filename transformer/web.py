"""The web application: ingest and the console API in one Starlette app."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from transformer.api.app import api_routes
from transformer.api.deps import ApiDeps
from transformer.api.errors import exception_handlers
from transformer.errors import TransformerError
from transformer.ingest.accept import Acceptor
from transformer.ingest.app import inbound_route
from transformer.ingest.metrics import IngestMetrics

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class WebParts:
    """What the application is made of; ``acceptor`` is made inside the event loop."""

    acceptor: Callable[[], Acceptor]
    api: ApiDeps
    backlog: Callable[[], int]
    max_body_bytes: int


def build_app(parts: WebParts) -> Starlette:
    """Put the routes together."""
    registry = CollectorRegistry()
    backlog = Gauge(
        "transformer_backlog_entries", "Entries that wait in all streams.", registry=registry
    )
    acceptor = parts.acceptor()

    async def metrics(_request: Request) -> Response:
        try:
            backlog.set(await asyncio.to_thread(parts.backlog))
        except TransformerError:
            backlog.set(float("nan"))
        return Response(generate_latest(registry), media_type=_PROMETHEUS)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await acceptor.close()

    return Starlette(
        routes=[
            inbound_route(
                acceptor, max_body_bytes=parts.max_body_bytes, metrics=IngestMetrics(registry)
            ),
            Route("/metrics", metrics),
            *api_routes(parts.api),
        ],
        exception_handlers=exception_handlers(),
        lifespan=lifespan,
    )
