"""The rules of catalogs and their fields (braze.md §3.1), one row a rule."""

from typing import Any

import pytest

from transformer.catalog import FieldType, check_added_fields, check_catalog
from transformer.errors import InvalidRequest
from transformer.schemas.reader import load_rest_schema

ID = {"name": "id", "type": "string"}
STOCK = {"name": "stock", "type": "number"}


def _fields(count: int, *, first: int = 0) -> list[dict[str, Any]]:
    return [{"name": f"f{number}", "type": "string"} for number in range(first, first + count)]


TAKEN: list[tuple[str, dict[str, Any]]] = [
    ("letters, digits, _ and - are a name", {"name": "My-Catalog_2"}),
    ("a name has up to 250 characters", {"name": "n" * 250}),
    ("a description may be empty", {"description": ""}),
    ("a description has up to 250 characters", {"description": "é" * 250}),
    ("id alone is enough", {"fields": [ID]}),
    ("a catalog has up to 500 fields", {"fields": [ID, *_fields(499)]}),
    ("a field's name has up to 250 characters", {"fields": [ID, STOCK | {"name": "n" * 250}]}),
    ("names of fields differ by their case", {"fields": [ID, STOCK, STOCK | {"name": "Stock"}]}),
    *(
        (f"{kind} is a type", {"fields": [ID, {"name": "f", "type": kind}]})
        for kind in ("string", "number", "boolean", "time", "object", "array", "geo")
    ),
]


@pytest.mark.parametrize("changed", [pytest.param(given, id=rule) for rule, given in TAKEN])
def test_a_catalog_is_taken(changed: dict[str, Any]) -> None:
    check_catalog(**{"name": "products", "description": "All", "fields": [ID, STOCK]} | changed)


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("a name holds no space", {"name": "my products"}, "invalid_catalog_name", "/name"),
    ("a name holds no line's end", {"name": "products\n"}, "invalid_catalog_name", "/name"),
    ("a name is not empty", {"name": ""}, "invalid_catalog_name", "/name"),
    ("a name is a string", {"name": 7}, "invalid_catalog_name", "/name"),
    ("a name is there", {"name": None}, "invalid_catalog_name", "/name"),
    ("a name has up to 250 characters", {"name": "n" * 251}, "catalog_name_too_large", "/name"),
    (
        "a description has up to 250 characters",
        {"description": "d" * 251},
        "description_too_long",
        "/description",
    ),
    ("a description is a string", {"description": 7}, "catalog_array_invalid", "/description"),
    ("fields are an array", {"fields": {"id": "string"}}, "invalid_fields_array", "/fields"),
    ("fields are there", {"fields": None}, "invalid_fields_array", "/fields"),
    ("a field is an object", {"fields": [ID, "stock"]}, "invalid_fields_array", "/fields/1"),
    ("there is a field", {"fields": []}, "id_not_first_column", "/fields"),
    ("id is the first field", {"fields": [STOCK, ID]}, "id_not_first_column", "/fields/0"),
    (
        "id is a string",
        {"fields": [{"name": "id", "type": "number"}]},
        "id_not_first_column",
        "/fields/0",
    ),
    (
        "a field's type is known",
        {"fields": [ID, {"name": "at", "type": "date"}]},
        "invalid_field_types",
        "/fields/1/type",
    ),
    (
        "a field has a type",
        {"fields": [ID, {"name": "at"}]},
        "invalid_field_types",
        "/fields/1/type",
    ),
    (
        "a field's type is a string",
        {"fields": [ID, {"name": "at", "type": ["time"]}]},
        "invalid_field_types",
        "/fields/1/type",
    ),
    (
        "a field's name holds no space",
        {"fields": [ID, {"name": "a b", "type": "time"}]},
        "invalid_field_names",
        "/fields/1/name",
    ),
    (
        "a field has a name",
        {"fields": [ID, {"type": "time"}]},
        "invalid_field_names",
        "/fields/1/name",
    ),
    (
        "a field's name has up to 250 characters",
        {"fields": [ID, {"name": "n" * 251, "type": "time"}]},
        "field_names_too_large",
        "/fields/1/name",
    ),
    (
        "a field's name is given once",
        {"fields": [ID, STOCK, STOCK | {"type": "string"}]},
        "field_names_not_unique",
        "/fields/2/name",
    ),
    (
        "a catalog has up to 500 fields",
        {"fields": [ID, *_fields(500)]},
        "too_many_fields",
        "/fields",
    ),
]


@pytest.mark.parametrize(
    ("changed", "rule", "pointer"), [pytest.param(*row, id=said) for said, *row in REFUSED]
)
def test_a_catalog_that_is_not_well_formed_is_refused(
    changed: dict[str, Any], rule: str, pointer: str
) -> None:
    given = {"name": "products", "description": "All", "fields": [ID, STOCK]} | changed
    with pytest.raises(InvalidRequest) as refused:
        check_catalog(**given)
    assert (refused.value.rule, refused.value.pointer) == (rule, pointer)


ADDED: list[tuple[str, object, int, str]] = [
    ("up to 50 are added at once", _fields(50, first=1), 1, ""),
    ("a catalog has up to 500 fields", _fields(50, first=450), 450, ""),
    ("51 are too many at once", _fields(51, first=1), 1, "request_includes_too_many_fields"),
    ("501 fields are too many", _fields(50, first=451), 451, "catalog_exceeds_fields_limit"),
    ("fields are an array", {"name": "f", "type": "string"}, 1, "invalid_fields_array"),
    ("there is a field", [], 1, "invalid_fields_array"),
    ("a field is an object", ["stock"], 1, "invalid_fields_array"),
    ("a field is new", _fields(1, first=3), 4, "field_names_not_unique"),
    ("id is there already", [ID], 1, "field_names_not_unique"),
    ("a field is given once", [STOCK, STOCK], 1, "field_names_not_unique"),
    ("a field's type is known", [STOCK | {"type": "int"}], 1, "invalid_field_types"),
    ("a field's name holds no dot", [STOCK | {"name": "a.b"}], 1, "invalid_field_names"),
    ("a name is not too long", [STOCK | {"name": "n" * 251}], 1, "field_names_too_large"),
]


@pytest.mark.parametrize(
    ("fields", "known", "rule"), [pytest.param(*row, id=said) for said, *row in ADDED]
)
def test_fields_are_added_to_a_catalog_within_its_rules(
    fields: object, known: int, rule: str
) -> None:
    names = ["id", *(field["name"] for field in _fields(known - 1, first=1))]
    found = ""
    try:
        check_added_fields(fields, known=names)
    except InvalidRequest as refused:
        found = refused.rule
    assert found == rule


def test_the_schemas_know_the_types_of_fields() -> None:
    schema = load_rest_schema("catalogs.create_fields")
    assert schema["$defs"]["field_type"]["enum"] == list(FieldType)
