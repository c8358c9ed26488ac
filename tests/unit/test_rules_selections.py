"""The rules of selections (braze.md §3.3), one row a rule."""

from typing import Any

import orjson
import pytest

from transformer.catalog import Catalog, FieldType
from transformer.errors import InvalidRequest
from transformer.ids import new_catalog_id
from transformer.schemas.reader import load_rest_schema
from transformer.selection import OPERATORS, Selection, read_selection, restore_selection
from transformer.writer.times import read_time

MUGS = Catalog(
    id=new_catalog_id(),
    name="mugs",
    schema={
        "name": FieldType.STRING,
        "stock": FieldType.NUMBER,
        "live": FieldType.BOOLEAN,
        "at": FieldType.TIME,
        "size": FieldType.OBJECT,
        "tags": FieldType.ARRAY,
        "rooms": FieldType.ARRAY,
        "place": FieldType.GEO,
    },
)


def _filter(field: str, operator: Any, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def _read(**described: Any) -> Selection:
    return read_selection({"name": "some", **described}, catalog=MUGS, read_time=read_time)


BLUE = _filter("name", "equals", "Blue")
REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("a selection has a name", {"name": None}, "invalid_selection", "/name"),
    ("its name holds no space", {"name": "a b"}, "invalid_selection", "/name"),
    ("its name has up to 250 characters", {"name": "n" * 251}, "invalid_selection", "/name"),
    ("its description is a text", {"description": 7}, "invalid_selection", "/description"),
    (
        "its description has up to 250 characters",
        {"description": "d" * 251},
        "invalid_selection",
        "/description",
    ),
    ("nothing else is known", {"filter": []}, "invalid_selection", ""),
    ("11 filters are too many", {"filters": [BLUE] * 11}, "too_many_filters", "/filters"),
    ("filters are an array", {"filters": BLUE}, "selection_has_invalid_filter", "/filters"),
    ("a filter is an object", {"filters": ["x"]}, "selection_has_invalid_filter", "/filters/0"),
    (
        "a filter has a value",
        {"filters": [{"field": "name", "operator": "equals"}]},
        "selection_has_invalid_filter",
        "/filters/0",
    ),
    *(
        (said, {"filters": [BLUE, bad]}, "selection_has_invalid_filter", f"/filters/1/{place}")
        for said, bad, place in [
            ("a filter's field is the catalog's", _filter("colour", "equals", "x"), "field"),
            ("a filter's field is a text", _filter(["name"], "equals", "x"), "field"),  # type: ignore[arg-type]
            ("an operator is its type's", _filter("name", "greater than", "x"), "operator"),
            ("an operator is known", _filter("stock", ">", 1), "operator"),
            ("an operator is a text", _filter("stock", ["equals"], 1), "operator"),
            ("objects are not filtered", _filter("size", "equals", {}), "operator"),
            ("nor are places", _filter("place", "geo within", [1, 2]), "operator"),
            ("a text is compared with a text", _filter("name", "equals", 1), "value"),
            (
                "a text to compare with has up to 1,000 characters",
                _filter("name", "equals", "x" * 1_001),
                "value",
            ),
            ("a number with a number", _filter("stock", "equals", "1"), "value"),
            ("a boolean is no number", _filter("stock", "equals", True), "value"),
            ("a boolean with a boolean", _filter("live", "is", 1), "value"),
            ("a time with a time", _filter("at", "before", "soon"), "value"),
            ("an element is no array", _filter("tags", "includes value", ["x"]), "value"),
            ("nothing is compared with null", _filter("name", "equals", None), "value"),
        ]
    ),
    (
        "one field of type array is looked at",
        {
            "filters": [
                _filter("tags", "includes value", "x"),
                _filter("rooms", "includes value", "x"),
            ]
        },
        "selection_contains_too_many_arrays",
        "/filters",
    ),
    ("0 results", {"results_limit": 0}, "selection_invalid_results_limit", "/results_limit"),
    ("51 results", {"results_limit": 51}, "selection_invalid_results_limit", "/results_limit"),
    ("true results", {"results_limit": True}, "selection_invalid_results_limit", "/results_limit"),
    ("1.5 results", {"results_limit": 1.5}, "selection_invalid_results_limit", "/results_limit"),
    ("a field without an order", {"sort_field": "stock"}, "invalid_sorting", "/sort_order"),
    ("an order without a field", {"sort_order": "asc"}, "invalid_sorting", "/sort_field"),
    (
        "a field that the catalog has not",
        {"sort_field": "x", "sort_order": "asc"},
        "invalid_sort_field",
        "/sort_field",
    ),
    (
        "a field that has no order",
        {"sort_field": "tags", "sort_order": "asc"},
        "invalid_sort_field",
        "/sort_field",
    ),
    (
        "an order that is none",
        {"sort_field": "stock", "sort_order": "up"},
        "invalid_sort_order",
        "/sort_order",
    ),
]


@pytest.mark.parametrize(
    ("described", "rule", "pointer"), [pytest.param(*row, id=said) for said, *row in REFUSED]
)
def test_a_selection_that_is_not_well_formed_is_refused(
    described: dict[str, Any], rule: str, pointer: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        _read(**described)
    assert (refused.value.rule, refused.value.pointer) == (rule, f"/selection{pointer}")


def test_a_selection_is_an_object() -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_selection(["x"], catalog=MUGS, read_time=read_time)
    assert refused.value.rule == "invalid_selection"


def test_a_selection_knows_the_fields_it_looks_at() -> None:
    selection = _read(filters=[BLUE], sort_field="stock", sort_order="asc")
    assert selection.fields == {"name", "stock"}


def test_the_schema_knows_the_operators() -> None:
    schema = load_rest_schema("catalogs.create_selection")
    known = schema["$defs"]["filter"]["properties"]["operator"]["enum"]
    assert set(known) == {operator for taken in OPERATORS.values() for operator in taken}


@pytest.mark.parametrize(
    "described",
    [
        {},
        {"description": None, "filters": None, "results_limit": None, "sort_field": None},
        {"description": "Some", "filters": [BLUE], "results_limit": 3},
        {"sort_field": "stock", "sort_order": "asc"},
        {"sort_field": "id", "sort_order": "desc"},
    ],
)
def test_a_selection_is_kept_as_it_was_read(described: dict[str, Any]) -> None:
    selection = _read(**described)
    assert restore_selection(orjson.loads(orjson.dumps(selection.as_json()))) == selection


def test_a_selection_that_says_nothing_means_the_first_50_items() -> None:
    selection = _read()
    assert (selection.filters, selection.results_limit, selection.sort_field) == ((), 50, "")
