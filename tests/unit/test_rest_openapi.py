"""The OpenAPI document of the REST API says what its routes do."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from transformer.api_key import Permission
from transformer.rest.app import rest_routes
from transformer.rest.openapi import document_of
from transformer.rest.route import RestRoute

ROUTES = rest_routes()
DOCUMENT = document_of(ROUTES)


def _name(route: RestRoute) -> str:
    return f"{route.method} {route.path}"


def _references(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for name, held in value.items():
                if name == "$ref":
                    yield held
                yield from _references(held)
        case list():
            for held in value:
                yield from _references(held)
        case _:
            pass


def test_every_route_is_described_and_nothing_else() -> None:
    described = {
        (method.upper(), path)
        for path, operations in DOCUMENT["paths"].items()
        for method in operations
    }
    assert described == {(route.method, route.path) for route in ROUTES}
    assert len(described) == len(ROUTES)


def test_every_reference_leads_somewhere() -> None:
    references = set(_references(DOCUMENT))
    assert references
    for reference in references:
        place = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_the_document_is_json_without_parts_of_other_documents() -> None:
    text = orjson.dumps(DOCUMENT)
    assert orjson.loads(text) == DOCUMENT
    assert b'"$defs"' not in text
    assert b'"$id"' not in text


@pytest.mark.parametrize("route", ROUTES, ids=_name)
def test_an_operation_names_its_permission_and_its_errors(route: RestRoute) -> None:
    operation = DOCUMENT["paths"][route.path][route.method.lower()]
    assert f"`{route.permission.value}`" in operation["description"]
    expected = {*map(str, map(int, route.answers)), "400", "401", "403", "429", "503"}
    expected |= {"413", "415"} if route.body is not None else set()
    assert operation["responses"].keys() >= expected
    assert ("requestBody" in operation) is (route.body is not None)


@pytest.mark.parametrize("route", ROUTES, ids=_name)
def test_the_schemas_of_a_route_are_valid(route: RestRoute) -> None:
    for schema in (*route.answers.values(), route.body or {}):
        Draft202012Validator.check_schema(schema)


def test_no_two_routes_that_change_something_need_one_permission() -> None:
    needed = [route.permission for route in ROUTES if route.method != "GET"]
    assert len(set(needed)) == len(needed)


def test_every_permission_opens_a_route() -> None:
    assert {route.permission for route in ROUTES} == set(Permission)
