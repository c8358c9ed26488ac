"""The OpenAPI document, made from the route table and the schemas that requests are checked by."""

import re
from collections.abc import Sequence
from typing import Any

from transformer.api.bodies import NO_BODY, Schema, object_schema
from transformer.api.route import ApiCall, ApiRoute
from transformer.operation import JsonObject

ERROR: Schema = object_schema(
    {
        "error": object_schema(
            {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "hint": {"type": "string"},
                "pointer": {"type": "string"},
                "line": {"type": ["integer", "null"], "description": "of a syntax_error"},
                "column": {"type": ["integer", "null"]},
                "source_line": {"type": "string"},
            },
            required=["code", "message", "hint", "pointer"],
        )
    },
    required=["error"],
)
_PATH_NAME = re.compile(r"{(\w+)}")
_WORD = re.compile(r"\w+")


def openapi_route(routes: Sequence[ApiRoute]) -> ApiRoute:
    """Make the route that describes the others, and itself."""
    held: JsonObject = {}

    def describe(_call: ApiCall) -> JsonObject:
        return held

    itself = ApiRoute(
        "GET",
        "/api/openapi.json",
        "Describe this API.",
        describe,
        {"type": "object"},
        public=True,
        of_workspace=False,
    )
    held |= _document([*routes, itself])
    return itself


def _document(routes: Sequence[ApiRoute]) -> JsonObject:
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Transformer",
            "version": "1",
            "description": "The console API. Every error has the shape of #/components/schemas/Error.",
        },
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": {"Error": ERROR},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: ApiRoute) -> JsonObject:
    described: JsonObject = {
        "operationId": "_".join([route.method.lower(), *_WORD.findall(route.path)]),
        "summary": route.summary,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in _PATH_NAME.findall(route.path)
        ]
        + [
            {
                "name": parameter.name,
                "in": "query",
                "description": parameter.description,
                "schema": parameter.schema,
            }
            for parameter in route.parameters
        ],
        "responses": {
            str(route.status): _content("The answer.", route.answer),
            "default": _content("An error.", {"$ref": "#/components/schemas/Error"}),
        },
    }
    if route.body is not NO_BODY:
        described["requestBody"] = {
            "required": bool(route.body["required"]),
            "content": {"application/json": {"schema": route.body}},
        }
    if route.public:
        described["security"] = []
    return described


def _content(description: str, schema: Schema) -> JsonObject:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
