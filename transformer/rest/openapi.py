"""The OpenAPI document of the REST API, made from its routes."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from transformer.api.bodies import Schema, object_schema
from transformer.errors import Broken
from transformer.operation import JsonObject
from transformer.rest.route import QueryName, RestRoute

DOCUMENT_PATH = "/openapi.json"

ERROR: Schema = object_schema(
    {
        "message": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "what is wrong with single parts of the request",
        },
    },
    required=["message"],
)
_ERRORS: dict[HTTPStatus, str] = {
    HTTPStatus.BAD_REQUEST: "The request is not as it must be; nothing was changed.",
    HTTPStatus.UNAUTHORIZED: "There is no API key, or one that opens nothing.",
    HTTPStatus.FORBIDDEN: "The API key is not for this, or not from here.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The Content-Type is not application/json.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests; X-Ratelimit-Retry-After says for how many "
    "seconds.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Something we need does not answer; send again later.",
}
_OF_BODIES = frozenset({HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE})
_RATE_HEADERS: JsonObject = {
    "X-RateLimit-Limit": "requests that the workspace may send in a window",
    "X-RateLimit-Remaining": "how many are left of them",
    "X-RateLimit-Reset": "when the window ends: seconds since 1970",
}
_OWN = "#/$defs/"
_COMPONENTS = "#/components/schemas/"
_OF_A_DOCUMENT = frozenset({"$schema", "$id", "$defs"})
_PLACE = re.compile(r"{(\w+)}")
_WORD = re.compile(r"\w+")


def document_of(routes: Sequence[RestRoute]) -> JsonObject:
    """Describe the routes."""
    schemas: dict[str, Schema] = {"Error": ERROR}
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Transformer's REST API",
            "version": "1",
            "description": "Speaks the API of Braze: clients and partners' integrations work with it. "
            "Each operation names the permission that its API key needs.",
        },
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: RestRoute, schemas: dict[str, Schema]) -> JsonObject:
    described: JsonObject = {
        "operationId": "_".join([route.method.lower(), *_WORD.findall(route.path)]),
        "summary": route.summary,
        "description": f"Permission: `{route.permission.value}`. Rate: {route.rate.requests:,} "
        f"requests in {route.rate.seconds:,} s.",
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in _PLACE.findall(route.path)
        ]
        + [_query_parameter(name) for name in route.query],
        "responses": {
            str(status): _content("The answer.", schema, headers=_rate_headers())
            for status, schema in route.answers.items()
        }
        | {
            str(status.value): _content(described, {"$ref": "#/components/schemas/Error"})
            for status, described in _ERRORS.items()
            if status.value not in route.answers
            and (route.body is not None or status not in _OF_BODIES)
        },
    }
    if route.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _hoisted(route.body, schemas)}},
        }
    return described


def _hoisted(schema: Schema, schemas: dict[str, Schema]) -> Schema:
    """Put a schema's definitions beside those of the others, where tools look for them.

    Raises:
        Broken: two schemas give one name to different things.
    """
    for name, held in schema.get("$defs", {}).items():
        moved = _moved(held)
        if schemas.setdefault(name, moved) != moved:
            raise Broken(f"Two schemas define {name}, and not alike.")
    return {name: _moved(held) for name, held in schema.items() if name not in _OF_A_DOCUMENT}


def _moved(held: Any) -> Any:
    """Let references lead to where definitions now are."""
    match held:
        case dict():
            return {
                name: _COMPONENTS + inner.removeprefix(_OWN) if name == "$ref" else _moved(inner)
                for name, inner in held.items()
            }
        case list():
            return [_moved(inner) for inner in held]
        case _:
            return held


def _query_parameter(name: QueryName) -> JsonObject:
    return {
        "name": name.name,
        "in": "query",
        "description": name.description,
        "schema": name.schema,
    }


def _rate_headers() -> JsonObject:
    return {
        name: {"description": meaning, "schema": {"type": "integer"}}
        for name, meaning in _RATE_HEADERS.items()
    }


def _content(description: str, schema: Schema, *, headers: JsonObject | None = None) -> JsonObject:
    described: JsonObject = {
        "description": description,
        "content": {"application/json": {"schema": schema}},
    }
    if headers:
        described["headers"] = headers
    return described
