"""The console API as routes that the web process mounts."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from transformer.api import (
    attribute_types,
    blocked_names,
    catalogs,
    deliveries,
    forwards,
    health,
    history,
    keys,
    limits,
    profiles,
    queue,
    replays,
    retention,
    runs,
    transformations,
    workspaces,
)
from transformer.api.auth import check_key
from transformer.api.deps import ApiDeps
from transformer.api.errors import error_response, unknown_path
from transformer.api.openapi import openapi_route
from transformer.api.route import ApiRoute, Resource
from transformer.errors import TransformerError


def route_table() -> tuple[ApiRoute, ...]:
    """List every route of the API."""
    described = (
        *health.ROUTES,
        *workspaces.ROUTES,
        *keys.ROUTES,
        *limits.ROUTES,
        *retention.ROUTES,
        *transformations.ROUTES,
        *runs.ROUTES,
        *deliveries.ROUTES,
        *replays.ROUTES,
        *forwards.ROUTES,
        *queue.ROUTES,
        *profiles.ROUTES,
        *history.ROUTES,
        *catalogs.ROUTES,
        *attribute_types.ROUTES,
        *blocked_names.ROUTES,
    )
    return (*described, openapi_route(described))


def api_routes(deps: ApiDeps) -> list[BaseRoute]:
    """Make the routes of the API; all of them are absolute paths."""
    by_path: dict[str, list[ApiRoute]] = {}
    for route in route_table():
        by_path.setdefault(route.path, []).append(route)
    served: list[BaseRoute] = [
        Route(path, Resource(deps, routes)) for path, routes in by_path.items()
    ]
    return [*served, *_nowhere(deps)]


def _nowhere(deps: ApiDeps) -> Sequence[BaseRoute]:
    """Answer for every other path below /api, so that a misspelt one is an error in our shape."""

    async def refuse(request: Request) -> Response:
        try:
            check_key(request.headers.get("authorization"), admin_token=deps.admin_token)
        except TransformerError as error:
            return error_response(error)
        return error_response(unknown_path(request.url.path))

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    return [Route(path, refuse, methods=methods) for path in ("/api", "/api/{rest:path}")]
