"""One route of the API as a value, and what serves it.

Everything that is the same for all routes happens here, once: the key, the query's names, the
body's size, form and schema, the workspace, the errors. A handler gets an :class:`ApiCall` that
holds, runs in a thread, and returns JSON.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from transformer.api.auth import check_key
from transformer.api.bodies import NO_BODY, Schema, nearest, validate
from transformer.api.deps import ApiDeps
from transformer.api.errors import (
    JsonResponse,
    MediaTypeUnsupported,
    broken_response,
    error_response,
    method_not_allowed,
)
from transformer.errors import (
    BodyTooLarge,
    BodyUnreadable,
    InvalidRequest,
    NotFound,
    TransformerError,
)
from transformer.ids import Prefix, WorkspaceId, is_id
from transformer.operation import JsonObject
from transformer.store.engine import reading
from transformer.store.workspaces import DEFAULT_WORKSPACE_ID, read_workspace

# Room for code and names beside a payload of the largest size.
_ENVELOPE_BYTES = 2 * 1_048_576

_KINDS: dict[Prefix, str] = {
    "wsp": "workspace",
    "src": "source",
    "trf": "transformation",
    "rev": "revision",
    "evt": "event",
    "dlv": "delivery",
    "prf": "profile",
    "rpl": "replay",
    "key": "API key",
    "fwd": "forward",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A name that a query may hold; ``prefix`` says that its value is an id of that kind."""

    name: str
    description: str
    schema: Schema = field(default_factory=lambda: {"type": "string"})
    prefix: Prefix | None = None


WORKSPACE = Parameter(
    "workspace", "the workspace to act on; the default one if absent", prefix="wsp"
)


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A request that is known to be of the form its route takes."""

    deps: ApiDeps
    workspace_id: WorkspaceId
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: JsonObject
    base_url: str

    def id(self, name: str, prefix: Prefix) -> str:
        """Read an id from the path.

        Raises:
            NotFound: it is the id of something else, or none.
        """
        text = self.path[name]
        if not is_id(text, prefix):
            raise NotFound(_no_id(text, prefix), hint="Copy the id again, whole.")
        return text

    def integer(self, name: str, *, default: int, most: int) -> int:
        """Read a number from 1 to ``most`` from the query.

        Raises:
            InvalidRequest: it is no such number.
        """
        text = self.query.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:10]) <= most):
            raise InvalidRequest(f"`{name}` is {text!r}; a number from 1 to {most} was expected.")
        return int(text)


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """One method of one path.

    Args:
        answer: the schema of what the handler returns.
        body: the schema of the request's body; one that requires nothing allows for no body.
        public: no key is asked for.
    """

    method: str
    path: str
    summary: str
    handler: Callable[[ApiCall], JsonObject]
    answer: Schema
    body: Schema = field(default_factory=lambda: NO_BODY)
    query: tuple[Parameter, ...] = ()
    status: int = 200
    public: bool = False
    of_workspace: bool = True

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What the query may hold."""
        return (*self.query, WORKSPACE) if self.of_workspace else self.query


class Resource:
    """Serves all methods of one path; an ASGI application.

    Starlette's own routing by method would answer 405 before the key is looked at.
    """

    def __init__(self, deps: ApiDeps, routes: Sequence[ApiRoute]) -> None:
        self._deps = deps
        self._routes = {route.method: route for route in routes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except ClientDisconnect:
            return
        except TransformerError as error:
            response = error_response(error)
        except Exception:  # noqa: BLE001 - the last place that can give it the shape of an error
            response = broken_response(method=request.method, path=request.url.path)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        route = self._routes.get(method)
        if route is None or not route.public:
            check_key(request.headers.get("authorization"), admin_token=self._deps.admin_token)
        if route is None:
            raise method_not_allowed(request.method, request.url.path, allowed=tuple(self._routes))
        query = _read_query(request, route)
        body = validate(await self._read_body(request), route.body)
        answer = await run_in_threadpool(self._handle, route, request, query, body)
        return JsonResponse(answer, status_code=route.status)

    def _handle(
        self, route: ApiRoute, request: Request, query: dict[str, str], body: JsonObject
    ) -> JsonObject:
        call = ApiCall(
            deps=self._deps,
            workspace_id=self._workspace(query),
            path=request.path_params,
            query=query,
            body=body,
            base_url=self._deps.base_url or str(request.base_url).rstrip("/"),
        )
        return route.handler(call)

    def _workspace(self, query: dict[str, str]) -> WorkspaceId:
        named = query.get(WORKSPACE.name)
        if named is None:
            return DEFAULT_WORKSPACE_ID
        with reading(self._deps.engine) as connection:
            workspace = read_workspace(connection, workspace_id=WorkspaceId(named))
        if workspace is None:
            raise NotFound(
                f"There is no workspace {named}.", hint="GET /api/workspaces lists them."
            )
        return workspace.id

    async def _read_body(self, request: Request) -> Any:
        body = await _read_bytes(request, self._deps.max_body_bytes + _ENVELOPE_BYTES)
        if not body:
            return {}
        content_type = request.headers.get("content-type", "")
        media_type = content_type.partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise MediaTypeUnsupported(
                f"The body's Content-Type is {content_type or 'missing'!r}; "
                "'application/json' was expected.",
                hint="With curl: -H 'Content-Type: application/json'.",
            )
        return _parse(body)


async def _read_bytes(request: Request, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(
                f"The body is larger than {limit} bytes.",
                hint="Send less at once, or raise TRANSFORMER_MAX_BODY_BYTES.",
            )
        chunks.append(chunk)
    return b"".join(chunks)


def _parse(body: bytes) -> Any:
    try:
        parsed = orjson.loads(body)
        # What can be read may be too deep to be written again, or for Python to walk through.
        orjson.dumps(parsed)
    except orjson.JSONDecodeError as error:
        raise BodyUnreadable(
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            hint="Send JSON in UTF-8.",
        ) from error
    except orjson.JSONEncodeError as error:
        raise BodyUnreadable(
            f"The body cannot be worked with: {error}.", hint="Nest it less deeply."
        ) from error
    return parsed


def _read_query(request: Request, route: ApiRoute) -> dict[str, str]:
    known = {parameter.name: parameter for parameter in route.parameters}
    read: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        parameter = known.get(name)
        if parameter is None:
            raise InvalidRequest(
                f"The query parameter `{name}` is not known here.", hint=nearest(name, known)
            )
        if "\x00" in value:
            raise InvalidRequest(f"The query parameter `{name}` holds a NUL character.")
        if name in read:
            raise InvalidRequest(f"The query parameter `{name}` is given twice.")
        if parameter.prefix is not None and not is_id(value, parameter.prefix):
            raise InvalidRequest(f"`{name}`: {_no_id(value, parameter.prefix)}")
        choices = cast("list[str] | None", parameter.schema.get("enum"))
        if choices is not None and value not in choices:
            raise InvalidRequest(
                f"`{name}` is {value!r}; one of {', '.join(choices)} was expected."
            )
        read[name] = value
    return read


def _no_id(text: str, prefix: Prefix) -> str:
    return f"{text[:60]!r} is not the id of a {_KINDS[prefix]}: {prefix}_ and 32 hex digits."
