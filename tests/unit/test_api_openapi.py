"""The OpenAPI document says what the routes do."""

from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from transformer.api.app import route_table
from transformer.api.bodies import NO_BODY
from transformer.api.openapi import openapi_route
from transformer.api.route import ApiRoute

ROUTES = route_table()
DOCUMENT: dict[str, Any] = openapi_route(ROUTES[:-1]).handler(None)  # type: ignore[arg-type]


def _name(route: ApiRoute) -> str:
    return f"{route.method} {route.path}"


def test_every_route_is_described_and_nothing_else() -> None:
    described = {
        (method.upper(), path)
        for path, operations in DOCUMENT["paths"].items()
        for method in operations
    }
    assert described == {(route.method, route.path) for route in ROUTES}
    assert len(described) == len(ROUTES)


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [
        operation["operationId"]
        for operations in DOCUMENT["paths"].values()
        for operation in operations.values()
    ]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names), names


@pytest.mark.parametrize("route", ROUTES, ids=_name)
def test_a_route_shows_its_parameters_body_and_answers(route: ApiRoute) -> None:
    operation = DOCUMENT["paths"][route.path][route.method.lower()]
    shown = {(parameter["in"], parameter["name"]) for parameter in operation["parameters"]}
    in_path = {part[1:-1] for part in route.path.split("/") if part.startswith("{")}
    in_query = {parameter.name for parameter in route.parameters}
    assert shown == {("path", name) for name in in_path} | {("query", name) for name in in_query}
    assert ("requestBody" in operation) is (route.body is not NO_BODY)
    assert set(operation["responses"]) == {str(route.status), "default"}


@pytest.mark.parametrize("route", ROUTES, ids=_name)
def test_the_schemas_of_a_route_are_valid(route: ApiRoute) -> None:
    Draft202012Validator.check_schema(route.body)
    Draft202012Validator.check_schema(route.answer)


def test_the_document_is_json() -> None:
    assert orjson.loads(orjson.dumps(DOCUMENT)) == DOCUMENT
