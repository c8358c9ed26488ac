"""The rules of selections (braze.md §3.3), one row a rule."""

from typing import Any

import pytest

from transformer.catalog import Catalog, FieldType
from transformer.errors import InvalidRequest
from transformer.ids import new_catalog_id
from transformer.schemas.reader import load_rest_schema
from transformer.selection import Selection, read_selection, restore_selection
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
ITEMS: list[dict[str, Any]] = [
    {"id": "a", "name": "Blue", "stock": 3, "live": True, "at": "2026-01-01T00:00:00.000Z"},
    {"id": "b", "name": "Red", "stock": 0, "live": False, "at": "2026-03-01T00:00:00.000Z"},
    {"id": "c", "name": "Blue", "stock": 7, "tags": ["tall", 1]},
    {"id": "d", "stock": 3, "tags": ["small", True]},
    {"id": "e"},
]


def _filter(field: str, operator: Any, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def _read(**described: Any) -> Selection:
    return read_selection({"name": "some", **described}, catalog=MUGS, read_time=read_time)


CHOSEN: list[tuple[str, dict[str, Any], str]] = [
    ("without filters all items are meant", {}, "abcde"),
    ("null is as good as nothing", {"filters": None, "results_limit": None}, "abcde"),
    ("a text equals", {"filters": [_filter("name", "equals", "Blue")]}, "ac"),
    ("a text's case counts", {"filters": [_filter("name", "equals", "blue")]}, ""),
    (
        "a text does not equal, nor does none",
        {"filters": [_filter("name", "does not equal", "Blue")]},
        "bde",
    ),
    ("an id is a text", {"filters": [_filter("id", "equals", "d")]}, "d"),
    ("a number equals", {"filters": [_filter("stock", "equals", 3)]}, "ad"),
    ("a number does not equal", {"filters": [_filter("stock", "does not equal", 3)]}, "bce"),
    ("a number is greater", {"filters": [_filter("stock", "greater than", 3)]}, "c"),
    ("a number is less", {"filters": [_filter("stock", "less than", 0.5)]}, "b"),
    ("a boolean is", {"filters": [_filter("live", "is", False)]}, "b"),
    ("a time is before", {"filters": [_filter("at", "before", "2026-02-01")]}, "a"),
    ("a time is after", {"filters": [_filter("at", "after", "2026-02-28T22:00:00-02:00")]}, ""),
    ("an array includes a value", {"filters": [_filter("tags", "includes value", "tall")]}, "c"),
    ("1 is not true", {"filters": [_filter("tags", "includes value", 1)]}, "c"),
    (
        "an array does not include a value, nor does none",
        {"filters": [_filter("tags", "does not include value", "tall")]},
        "abde",
    ),
    (
        "filters are met all together",
        {"filters": [_filter("name", "equals", "Blue"), _filter("stock", "greater than", 5)]},
        "c",
    ),
    (
        "one array may be looked at twice",
        {
            "filters": [
                _filter("tags", "does not include value", "tall"),
                _filter("tags", "includes value", "small"),
            ]
        },
        "d",
    ),
    ("items are in the order of their ids", {"results_limit": 2}, "ab"),
    ("sorted up", {"sort_field": "stock", "sort_order": "asc"}, "badce"),
    ("sorted down", {"sort_field": "stock", "sort_order": "desc"}, "cadbe"),
    ("sorted and cut", {"sort_field": "stock", "sort_order": "desc", "results_limit": 2}, "ca"),
    ("sorted by id", {"sort_field": "id", "sort_order": "desc"}, "edcba"),
    (
        "what has no value comes last, also where it is much",
        {"sort_field": "at", "sort_order": "desc", "results_limit": 3},
        "bac",
    ),
]


@pytest.mark.parametrize(
    ("described", "chosen"), [pytest.param(*row, id=rule) for rule, *row in CHOSEN]
)
def test_a_selection_means_items(described: dict[str, Any], chosen: str) -> None:
    selection = _read(**described)
    assert "".join(item["id"] for item in selection.choose(ITEMS)) == chosen
    assert restore_selection(selection.as_json(), catalog=MUGS) == selection


def test_without_a_limit_a_selection_means_50_items() -> None:
    assert len(_read().choose({"id": str(number)} for number in range(51))) == 50


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
    taken = {one["operator"] for _, given, _ in CHOSEN for one in given.get("filters") or ()}
    assert set(known) == taken
