"""The web application: ingest, the REST API and the console API in one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from transformer.api.app import api_routes
from transformer.api.deps import ApiDeps
from transformer.api.errors import exception_handlers
from transformer.ingest.accept import Acceptor
from transformer.ingest.app import INBOUND, Inbound
from transformer.ingest.metrics import IngestMetrics
from transformer.ingest.traced import TracedInbound
from transformer.metrics import ProcessMetrics
from transformer.rest.app import RestApp, RestParts, is_rest, rest_routes
from transformer.traces import Traces

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class WebParts:
    """What the application is made of.

    Args:
        acceptor: makes the acceptor, inside the event loop.
        rest: makes what the REST API needs.
        api: what the API needs.
        process: where what ingest counts is registered.
        metrics_page: gives the metrics of all processes; it asks Redis, and so takes a moment.
        max_body_bytes: the largest webhook.
        traces: where webhooks are traced; None: they are not.
    """

    acceptor: Callable[[], Acceptor]
    rest: Callable[[Acceptor], RestParts]
    api: ApiDeps
    process: ProcessMetrics
    metrics_page: Callable[[], bytes]
    max_body_bytes: int
    traces: Traces | None = None


class WebApp:
    """The application: webhooks go straight to ingest, the REST API's calls to it, all else to Starlette.

    Starlette's middlewares and router cost as much CPU as accepting a webhook does.
    """

    def __init__(self, inbound: Inbound, rest: RestApp, others: ASGIApp) -> None:
        self.inbound = inbound
        self._rest = rest
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            path: str = scope["path"]
            if is_rest(path):
                await self._rest(scope, receive, send)
                return
            if scope["method"] == "POST" and path.startswith(INBOUND):
                token = path[len(INBOUND) :]
                if "/" not in token:
                    scope["path_params"] = {"token": token}
                    await self.inbound(scope, receive, send)
                    return
        await self._others(scope, receive, send)


def build_app(parts: WebParts) -> WebApp:
    """Put the routes together."""
    acceptor = parts.acceptor()
    rest = RestApp(parts.rest(acceptor), rest_routes())

    async def metrics(_request: Request) -> Response:
        return Response(await asyncio.to_thread(parts.metrics_page), media_type=_PROMETHEUS)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await rest.close()
        await acceptor.close()

    inbound = _inbound(acceptor, parts)
    others = Starlette(
        routes=[
            # Answers what is no POST, and stands in the list of routes.
            Route(INBOUND + "{token}", inbound, methods=["POST"]),
            Route("/metrics", metrics),
            *api_routes(parts.api),
        ],
        exception_handlers=exception_handlers(),
        lifespan=lifespan,
    )
    return WebApp(inbound, rest, others)


def _inbound(acceptor: Acceptor, parts: WebParts) -> Inbound:
    metrics = IngestMetrics(parts.process.registry)
    if parts.traces is None:
        return Inbound(acceptor, max_body_bytes=parts.max_body_bytes, metrics=metrics)
    return TracedInbound(
        acceptor, max_body_bytes=parts.max_body_bytes, metrics=metrics, traces=parts.traces
    )
