"""The REST API as an ASGI application: what is the same for all routes, in the order it is looked at.

Path, key, address, permission, rate (``admission.py``), then the body's size, form and syntax
(``bodies.py``). Whoever has no key, or is too fast, has no body read. What is left is the handler's.
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive, Scope, Send

from transformer.clock import Clock
from transformer.errors import TransformerError
from transformer.ingest.app import SenderLeft
from transformer.operation import JsonObject
from transformer.rest import (
    catalog_item,
    catalog_items,
    catalogs,
    errors,
    export,
    external_ids,
    lifecycle,
    selections,
    track,
)
from transformer.rest.admission import Admission, Admitted
from transformer.rest.bodies import Bodies, header_of
from transformer.rest.errors import Refused
from transformer.rest.metrics import RestMetrics
from transformer.rest.openapi import DOCUMENT_PATH, document_of
from transformer.rest.route import Answer, Headers, RestCall, RestRoute
from transformer.rest.submission import Sent, Submissions
from transformer.rest.table import Table
from transformer.store.engine import Engine

_PREFIXES = ("/users/", "/catalogs")
_MOST_QUERY_NAMES = 100
_READING = ("GET", "HEAD")


def rest_routes() -> tuple[RestRoute, ...]:
    """List every route."""
    return (
        *track.ROUTES,
        *lifecycle.ROUTES,
        *external_ids.ROUTES,
        *export.ROUTES,
        *catalogs.ROUTES,
        *catalog_items.ROUTES,
        *catalog_item.ROUTES,
        *selections.ROUTES,
    )


def is_rest(path: str) -> bool:
    """Say whether a path is one of the REST API, or would be if it were spelt right."""
    return path.startswith(_PREFIXES) or path == DOCUMENT_PATH


@dataclass(frozen=True, slots=True)
class RestParts:
    """What the REST API is made of.

    Args:
        blocked_external_ids: those that no profile gets.
    """

    engine: Engine
    clock: Clock
    admission: Admission
    submissions: Submissions
    metrics: RestMetrics
    blocked_external_ids: frozenset[str]


class RestApp:
    """Serves the REST API; used from one event loop."""

    def __init__(self, parts: RestParts, routes: Sequence[RestRoute]) -> None:
        self._parts = parts
        self._table = Table(routes)
        self._bodies = Bodies()
        self._document = orjson.dumps(document_of(routes))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"] == DOCUMENT_PATH and scope["method"] in _READING:
            await _send(send, HTTPStatus.OK, self._document, ())
            return
        try:
            answer = await _answered(scope, self._serve(scope, receive))
        except SenderLeft:
            return
        await _send(send, answer.status, orjson.dumps(answer.body), answer.headers)

    async def close(self) -> None:
        """Finish what was begun."""
        await self._parts.admission.close()
        await self._parts.submissions.close()

    async def _serve(self, scope: Scope, receive: Receive) -> Answer:
        route, places = self._find(scope["method"], scope["path"])
        client = scope["client"]
        admitted = await self._parts.admission.admit(
            route,
            authorization=header_of(scope["headers"], b"authorization"),
            address=client[0] if client else None,
        )
        answer = await _answered(scope, self._handle(route, places, admitted, scope, receive))
        self._parts.metrics.answered(route, answer.status)
        return answer._replace(headers=(*answer.headers, *admitted.headers))

    def _find(self, method: str, path: str) -> tuple[RestRoute, Mapping[str, str]]:
        if path == DOCUMENT_PATH:
            raise errors.method_not_allowed(method, allowed=_READING)
        found = self._table.find(path)
        if found is None:
            raise errors.not_found(path)
        methods, places = found
        route = methods.get(method)
        if route is None:
            raise errors.method_not_allowed(method, allowed=tuple(methods))
        return route, places

    async def _handle(
        self,
        route: RestRoute,
        places: Mapping[str, str],
        admitted: Admitted,
        scope: Scope,
        receive: Receive,
    ) -> Answer:
        query = _read_query(scope["query_string"])
        raw: bytes = b""
        body: JsonObject = {}
        if route.body is not None:
            raw, body = await self._bodies.read(
                scope, receive, limit=route.most_body_bytes, levels=route.most_levels
            )
        caller = admitted.caller
        call = RestCall(
            sent=Sent(caller.key, body, raw, scope["headers"], caller.most_waiting),
            path=places,
            query=query,
            scheme=scope["scheme"],
            blocked_external_ids=self._parts.blocked_external_ids,
            clock=self._parts.clock,
            engine=self._parts.engine,
            submissions=self._parts.submissions,
        )
        return await route.handler(call)


async def _answered(scope: Scope, work: Awaitable[Answer]) -> Answer:
    """Turn whatever goes wrong into its answer."""
    try:
        return await work
    except SenderLeft:
        raise
    except Refused as refused:
        return refused.as_answer()
    except TransformerError as error:
        return errors.refusal_of(error).as_answer()
    except Exception:  # noqa: BLE001 - the last place that can give it the shape of an error
        return errors.broken(method=scope["method"], path=scope["path"]).as_answer()


def _read_query(text: bytes) -> dict[str, str]:
    if not text:
        return {}
    try:
        pairs = parse_qsl(
            text.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_QUERY_NAMES
        )
    except ValueError as error:
        raise errors.bad_request("The query has too many names.") from error
    return dict(pairs)


async def _send(send: Send, status: int, body: bytes, headers: Headers) -> None:
    described = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        *headers,
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": described})
    await send({"type": "http.response.body", "body": body})
