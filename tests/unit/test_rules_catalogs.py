"""The rules of catalog items (braze.md §3.2), one row a rule: what is kept, what is refused and how."""

from typing import Any

import pytest

from transformer.catalog import Catalog, FieldType
from transformer.delivery import Problem
from transformer.ids import new_catalog_id
from transformer.operation import Kind
from transformer.writer.catalogs import Item, Shelf, read_item

PRODUCTS = Catalog(
    id=new_catalog_id(),
    name="products",
    schema={
        "name": FieldType.STRING,
        "brand": FieldType.STRING,
        "stock": FieldType.NUMBER,
        "live": FieldType.BOOLEAN,
        "at": FieldType.TIME,
        "size": FieldType.OBJECT,
        "tags": FieldType.ARRAY,
        "place": FieldType.GEO,
    },
    filtered=frozenset({"brand"}),
)
CATALOGS = {"products": PRODUCTS}
MUG = ("products", "mug")


def _read(
    described: dict[str, Any], *, kind: Kind = Kind.CATALOG_PUT, catalog_name: str = "products"
) -> Item | Problem:
    return read_item(
        described, kind=kind, catalog_name=catalog_name, catalogs=CATALOGS, pointer="/items/0"
    )


def _item(described: dict[str, Any], *, kind: Kind = Kind.CATALOG_PUT) -> Item:
    read = _read(described, kind=kind)
    assert isinstance(read, Item), read
    return read


def _nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


KEPT = [
    ("a string is a string", "name", "Mug", "Mug"),
    ("a string may be blank", "name", "", ""),
    ("a number is written into a string", "name", 7, "7"),
    ("a fraction is written into a string", "name", 7.5, "7.5"),
    ("a boolean is written into a string", "name", True, "true"),
    ("a string has up to 5,000 characters, not bytes", "name", "é" * 5_000, "é" * 5_000),
    ("a filtered string has up to 1,000 characters", "brand", "x" * 1_000, "x" * 1_000),
    ("a number is a number", "stock", 7, 7),
    ("a number may be a fraction and negative", "stock", -0.5, -0.5),
    ("a number is read from a string", "stock", "7.5", 7.5),
    ("blanks around a number in a string are ignored", "stock", " 7 ", 7),
    ("a boolean is a boolean", "live", True, True),
    ("a boolean is read from a string in any case", "live", "FALSE", False),
    ("a date is its midnight in UTC", "at", "2026-01-02", "2026-01-02T00:00:00.000Z"),
    ("a time is kept in UTC", "at", "2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000Z"),
    ("an object is an object", "size", {"w": {"cm": None}}, {"w": {"cm": None}}),
    ("an object may be empty", "size", {}, {}),
    ("an object has up to 50 levels", "size", _nested(50), _nested(50)),
    ("an object's JSON has up to 5,000 characters", "size", {"a": "é" * 4_992}, None),
    ("an array is an array, repeated values and all", "tags", ["a", 1, "a"], ["a", 1, "a"]),
    ("an array may be empty", "tags", [], []),
    ("a place is a longitude and a latitude", "place", [-73.98, 40.77], [-73.98, 40.77]),
    ("a place reaches around the world", "place", [180, -90], [180, -90]),
    ("null is a value of every type", "stock", None, None),
]


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [pytest.param(*row, id=rule) for rule, *row in KEPT],
)
@pytest.mark.parametrize("kind", [Kind.CATALOG_CREATE, Kind.CATALOG_PUT, Kind.CATALOG_PATCH])
def test_a_value_is_brought_into_the_type_of_its_field(
    kind: Kind, field: str, given: Any, kept: Any
) -> None:
    expected = given if kept is None else kept
    assert _item({"id": "mug", field: given}, kind=kind).fields == {field: expected}


REFUSED = [
    ("an item has an id", {"name": "Mug"}, "items_missing_ids", ""),
    ("an item's id is not null", {"id": None}, "items_missing_ids", ""),
    ("an item's id is a string", {"id": 7}, "ids_not_strings", "/id"),
    ("an item's id has up to 250 characters", {"id": "i" * 251}, "ids_too_large", "/id"),
    ("an item's id holds no space", {"id": "a b"}, "invalid_ids", "/id"),
    ("an item's id holds no dot", {"id": "a.b"}, "invalid_ids", "/id"),
    ("an item's id is ASCII", {"id": "té"}, "invalid_ids", "/id"),
    ("an item's id is not empty", {"id": ""}, "invalid_ids", "/id"),
    ("an item's id holds no line's end", {"id": "mug\n"}, "invalid_ids", "/id"),
    ("a field exists in the catalog", {"colour": "red"}, "invalid_fields", "/colour"),
    ("a field's name is in its case", {"Name": "Mug"}, "invalid_fields", "/Name"),
    ("no object becomes a string", {"name": {"a": 1}}, "unable_to_coerce_value", "/name"),
    ("no array becomes a string", {"name": ["a"]}, "unable_to_coerce_value", "/name"),
    ("no word becomes a number", {"stock": "many"}, "unable_to_coerce_value", "/stock"),
    ("no blank becomes a number", {"stock": ""}, "unable_to_coerce_value", "/stock"),
    ("no NaN becomes a number", {"stock": "NaN"}, "unable_to_coerce_value", "/stock"),
    ("no boolean becomes a number", {"stock": True}, "unable_to_coerce_value", "/stock"),
    ("no boolean in a string either", {"stock": "true"}, "unable_to_coerce_value", "/stock"),
    ("no number becomes a boolean", {"live": 1}, "unable_to_coerce_value", "/live"),
    ("no word becomes a boolean", {"live": "yes"}, "unable_to_coerce_value", "/live"),
    ("no word becomes a time", {"at": "soon"}, "unable_to_coerce_value", "/at"),
    ("no number becomes a time", {"at": 1767225600}, "unable_to_coerce_value", "/at"),
    ("no array becomes an object", {"size": []}, "unable_to_coerce_value", "/size"),
    ("no string becomes an object", {"size": "{}"}, "unable_to_coerce_value", "/size"),
    ("no object becomes an array", {"tags": {}}, "unable_to_coerce_value", "/tags"),
    ("no string becomes an array", {"tags": "a"}, "unable_to_coerce_value", "/tags"),
    ("a place has two numbers", {"place": [1]}, "unable_to_coerce_value", "/place"),
    ("a place has numbers", {"place": ["1", "2"]}, "unable_to_coerce_value", "/place"),
    ("a place has no booleans", {"place": [True, 1]}, "unable_to_coerce_value", "/place"),
    ("a longitude is up to 180", {"place": [180.1, 0]}, "unable_to_coerce_value", "/place"),
    ("a latitude is up to 90", {"place": [0, -91]}, "unable_to_coerce_value", "/place"),
    ("a place is no object", {"place": {"a": 1}}, "unable_to_coerce_value", "/place"),
    ("a string has up to 5,000 characters", {"name": "x" * 5_001}, "items_too_large", "/name"),
    ("an object has them too", {"size": {"a": "x" * 4_993}}, "items_too_large", "/size"),
    ("an array has them too", {"tags": ["x" * 4_997]}, "items_too_large", "/tags"),
    (
        "a filtered string has up to 1,000 characters",
        {"brand": "x" * 1_001},
        "filtered_set_field_too_long",
        "/brand",
    ),
    ("no key holds a dot", {"size": {"b.c": 1}}, "invalid_keys_in_value_object", "/size"),
    ("no key holds a dollar", {"size": {"$b": 1}}, "invalid_keys_in_value_object", "/size"),
    ("no key deep inside", {"tags": [{"a": {"b$": 1}}]}, "invalid_keys_in_value_object", "/tags"),
    (
        "an object has up to 50 levels",
        {"size": _nested(51)},
        "too_deep_nesting_in_value_object",
        "/size",
    ),
    (
        "an array's levels count as well",
        {"tags": [_nested(50)]},
        "too_deep_nesting_in_value_object",
        "/tags",
    ),
]


@pytest.mark.parametrize(
    ("described", "code", "pointer"),
    [pytest.param(*row, id=rule) for rule, *row in REFUSED],
)
@pytest.mark.parametrize("kind", [Kind.CATALOG_CREATE, Kind.CATALOG_PUT, Kind.CATALOG_PATCH])
def test_an_item_that_does_not_fit_is_told_why(
    kind: Kind, described: dict[str, Any], code: str, pointer: str
) -> None:
    given = described if "id" in described or code == "items_missing_ids" else {"id": "mug"}
    problem = _read(given | described, kind=kind)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.pointer) == (code, f"/items/0{pointer}")


ARRAY_OPERATIONS = [
    (
        "$add and $remove are for PATCH alone",
        Kind.CATALOG_PUT,
        {"tags": {"$add": ["x"]}},
        "invalid_keys_in_value_object",
    ),
    (
        "they are for arrays alone",
        Kind.CATALOG_PATCH,
        {"size": {"$add": ["x"]}},
        "invalid_keys_in_value_object",
    ),
    (
        "nothing stands beside them",
        Kind.CATALOG_PATCH,
        {"tags": {"$add": ["x"], "y": 1}},
        "invalid_keys_in_value_object",
    ),
    (
        "there is no other one",
        Kind.CATALOG_PATCH,
        {"tags": {"$update": ["x"]}},
        "invalid_keys_in_value_object",
    ),
    (
        "$add takes an array",
        Kind.CATALOG_PATCH,
        {"tags": {"$add": "x"}},
        "unable_to_coerce_value",
    ),
    (
        "$remove takes an array",
        Kind.CATALOG_PATCH,
        {"tags": {"$add": [], "$remove": None}},
        "unable_to_coerce_value",
    ),
    (
        "an empty object is none of them",
        Kind.CATALOG_PATCH,
        {"tags": {}},
        "unable_to_coerce_value",
    ),
    (
        "what is added has up to 5,000 characters",
        Kind.CATALOG_PATCH,
        {"tags": {"$add": ["x" * 4_997]}},
        "items_too_large",
    ),
    (
        "what is added holds no dot in a key",
        Kind.CATALOG_PATCH,
        {"tags": {"$add": [{"a.b": 1}]}},
        "invalid_keys_in_value_object",
    ),
    (
        "what is added has up to 50 levels, with its array",
        Kind.CATALOG_PATCH,
        {"tags": {"$add": [_nested(50)]}},
        "too_deep_nesting_in_value_object",
    ),
]


@pytest.mark.parametrize(
    ("kind", "described", "code"),
    [pytest.param(*row, id=rule) for rule, *row in ARRAY_OPERATIONS],
)
def test_an_array_operation_that_is_none_is_told_why(
    kind: Kind, described: dict[str, Any], code: str
) -> None:
    problem = _read({"id": "mug", **described}, kind=kind)
    assert isinstance(problem, Problem)
    assert problem.code == code


def test_the_deepest_value_that_an_array_takes_can_be_added_to_it() -> None:
    given = {"id": "mug", "tags": {"$add": [_nested(49)]}}
    assert _item(given, kind=Kind.CATALOG_PATCH).fields == {"tags": {"$add": [_nested(49)]}}


def test_a_catalog_that_is_not_there_comes_with_the_way_to_create_it() -> None:
    problem = _read({"id": "mug"}, catalog_name="shoes")
    assert isinstance(problem, Problem)
    assert problem.code == "catalog_not_found"
    assert "POST /catalogs" in problem.hint


def test_a_delete_looks_at_the_id_alone() -> None:
    assert _item({"id": "mug", "colour": "red"}, kind=Kind.CATALOG_DELETE) == Item(MUG, {})


def _shelf(held: dict[str, Any] | None) -> Shelf:
    return Shelf(catalogs=CATALOGS, documents={} if held is None else {MUG: held})


def test_a_create_creates_an_item() -> None:
    shelf = _shelf(None)
    item = _item({"id": "mug", "name": "Mug", "stock": None}, kind=Kind.CATALOG_CREATE)
    assert shelf.create(item, pointer="/items/0") is None
    assert shelf.changed == {MUG: {"name": "Mug"}}


def test_a_create_of_an_item_that_is_there_is_an_error() -> None:
    shelf = _shelf({"name": "Mug"})
    item = _item({"id": "mug", "name": "Cup"}, kind=Kind.CATALOG_CREATE)
    problem = shelf.create(item, pointer="/items/4")
    assert problem is not None
    assert (problem.code, problem.pointer) == ("item_already_exists", "/items/4/id")
    assert shelf.changed == {}


def test_a_put_creates_an_item() -> None:
    shelf = _shelf(None)
    shelf.put(_item({"id": "mug", "name": "Mug", "stock": None}))
    assert shelf.changed == {MUG: {"name": "Mug"}}


def test_a_put_replaces_an_item_as_a_whole() -> None:
    shelf = _shelf({"name": "Mug", "stock": 3})
    shelf.put(_item({"id": "mug", "name": "Cup"}))
    assert shelf.changed == {MUG: {"name": "Cup"}}


HELD = {"name": "Mug", "stock": 3, "tags": ["a", "b"]}
PATCHED = [
    ("a field is set", {"stock": 4}, {"stock": 4}),
    ("null removes a field", {"stock": None}, {"stock": None}),
    ("an array is set as a whole", {"tags": ["z"]}, {"tags": ["z"]}),
    ("$add appends what is new", {"tags": {"$add": ["c", "a"]}}, {"tags": ["a", "b", "c"]}),
    ("$add appends what is new once", {"tags": {"$add": ["c", "c"]}}, {"tags": ["a", "b", "c"]}),
    ("$remove removes what is there", {"tags": {"$remove": ["a", "z"]}}, {"tags": ["b"]}),
    (
        "$add comes before $remove",
        {"tags": {"$remove": ["a", "c"], "$add": ["c", "d"]}},
        {"tags": ["b", "d"]},
    ),
    ("$add makes an array where there is none", {"size": None, "tags": {"$add": []}}, {}),
]


@pytest.mark.parametrize(
    ("given", "after"), [pytest.param(*row, id=rule) for rule, *row in PATCHED]
)
def test_a_patch_changes_the_given_fields_alone(
    given: dict[str, Any], after: dict[str, Any]
) -> None:
    shelf = _shelf(HELD)
    item = _item({"id": "mug", **given}, kind=Kind.CATALOG_PATCH)
    assert shelf.patch(item, pointer="/items/0", counting=True) is None
    expected = {name: value for name, value in (HELD | after).items() if value is not None}
    assert shelf.changed == {MUG: expected}


@pytest.mark.parametrize(
    ("held", "operation", "after"),
    [
        pytest.param([1], {"$add": [1.0]}, [1], id="1 and 1.0 are equal"),
        pytest.param([1], {"$add": [True]}, [1, True], id="1 and true are not"),
        pytest.param([0, False], {"$remove": [False]}, [0], id="nor are 0 and false"),
        pytest.param([{"a": 1, "b": 2}], {"$add": [{"b": 2, "a": 1}]}, None, id="objects are sets"),
        pytest.param([[1, 2]], {"$add": [[2, 1]]}, [[1, 2], [2, 1]], id="arrays are in order"),
        pytest.param([None], {"$remove": [None]}, [], id="null is an element"),
    ],
)
def test_elements_are_equal_as_json_has_it(
    held: list[Any], operation: dict[str, Any], after: list[Any] | None
) -> None:
    shelf = _shelf({"tags": held})
    item = _item({"id": "mug", "tags": operation}, kind=Kind.CATALOG_PATCH)
    assert shelf.patch(item, pointer="/items/0", counting=True) is None
    assert repr(shelf.changed) == repr({MUG: {"tags": held if after is None else after}})


def test_an_array_grows_up_to_5000_characters() -> None:
    shelf = _shelf({"tags": ["x" * 4_990]})
    item = _item({"id": "mug", "tags": {"$add": ["123456"]}}, kind=Kind.CATALOG_PATCH)
    problem = shelf.patch(item, pointer="/items/0", counting=True)
    assert problem is not None
    assert (problem.code, problem.pointer) == ("items_too_large", "/items/0/tags")
    assert shelf.changed == {}


def test_a_patch_of_no_item_is_an_error() -> None:
    shelf = _shelf(None)
    item = _item({"id": "mug", "stock": 1}, kind=Kind.CATALOG_PATCH)
    problem = shelf.patch(item, pointer="/items/4", counting=True)
    assert problem is not None
    assert (problem.code, problem.pointer) == ("item_not_found", "/items/4/id")
    assert shelf.changed == {}


def test_a_delete_of_no_item_is_an_error() -> None:
    problem = _shelf(None).delete(MUG, pointer="/items/0")
    assert problem is not None
    assert problem.code == "item_not_found"


def test_what_a_batch_put_it_can_patch_and_delete() -> None:
    shelf = _shelf(None)
    shelf.put(_item({"id": "mug", "stock": 1}))
    patch = _item({"id": "mug", "name": "Mug"}, kind=Kind.CATALOG_PATCH)
    assert shelf.patch(patch, pointer="/items/0", counting=True) is None
    assert shelf.changed == {MUG: {"stock": 1, "name": "Mug"}}
    assert shelf.delete(MUG, pointer="/items/0") is None
    assert shelf.changed == {MUG: None}
    assert shelf.delete(MUG, pointer="/items/0") is not None


def test_values_of_a_field_that_was_removed_are_not_those_of_a_new_one() -> None:
    # To see it fail: return the document as it is in Catalog.visible.
    catalog = Catalog(
        id=new_catalog_id(),
        name="products",
        schema={"name": FieldType.STRING, "stock": FieldType.STRING},
        edition=2,
        since={"stock": 2},
    )
    written = {"name": "Mug", "stock": 3, "colour": "red"}
    assert catalog.visible(written, edition=0) == {"name": "Mug"}
    assert catalog.visible(written, edition=2) == written
