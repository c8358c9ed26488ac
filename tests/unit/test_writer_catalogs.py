from typing import Any

import pytest

from transformer.delivery import Problem
from transformer.operation import Kind
from transformer.store.catalogs import FieldType
from transformer.writer.catalogs import Item, Shelf, read_item

SCHEMAS = {
    "products": {
        "name": FieldType.STRING,
        "stock": FieldType.NUMBER,
        "live": FieldType.BOOLEAN,
        "at": FieldType.TIME,
        "size": FieldType.OBJECT,
        "tags": FieldType.ARRAY,
    }
}
MUG = ("products", "mug")


def _read(
    described: dict[str, Any], *, kind: Kind = Kind.CATALOG_PUT, catalog_name: str = "products"
) -> Item | Problem:
    return read_item(
        described, kind=kind, catalog_name=catalog_name, schemas=SCHEMAS, pointer="/items/0"
    )


def _item(described: dict[str, Any], *, kind: Kind = Kind.CATALOG_PUT) -> Item:
    read = _read(described, kind=kind)
    assert isinstance(read, Item)
    return read


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("name", "Mug", "Mug"),
        ("name", 7, "7"),
        ("name", True, "true"),
        ("stock", 7, 7),
        ("stock", "7.5", 7.5),
        ("live", True, True),
        ("live", "FALSE", False),
        ("at", "2026-01-02", "2026-01-02T00:00:00.000Z"),
        ("size", {"w": {"cm": 3}}, {"w": {"cm": 3}}),
        ("tags", ["a", 1], ["a", 1]),
        ("name", None, None),
    ],
)
def test_a_value_is_brought_into_the_type_of_its_field(name: str, given: Any, kept: Any) -> None:
    assert _item({"id": "mug", name: given}).fields == {name: kept}


@pytest.mark.parametrize(
    ("described", "code", "pointer"),
    [
        pytest.param({"name": "Mug"}, "items_missing_ids", "/items/0", id="no id"),
        pytest.param({"id": 7}, "ids_not_strings", "/items/0/id", id="a number as id"),
        pytest.param({"id": "a b"}, "invalid_ids", "/items/0/id", id="a space in an id"),
        pytest.param({"id": ""}, "invalid_ids", "/items/0/id", id="an empty id"),
        pytest.param({"id": "mug\n"}, "invalid_ids", "/items/0/id", id="an id and a line's end"),
        pytest.param({"id": "i" * 251}, "ids_too_large", "/items/0/id", id="a long id"),
        pytest.param(
            {"id": "mug", "colour": "red"}, "invalid_fields", "/items/0/colour", id="a new field"
        ),
        pytest.param(
            {"id": "mug", "stock": "many"}, "unable_to_coerce_value", "/items/0/stock", id="number"
        ),
        pytest.param(
            {"id": "mug", "stock": True}, "unable_to_coerce_value", "/items/0/stock", id="no number"
        ),
        pytest.param(
            {"id": "mug", "live": 1}, "unable_to_coerce_value", "/items/0/live", id="boolean"
        ),
        pytest.param({"id": "mug", "at": "soon"}, "unable_to_coerce_value", "/items/0/at", id="at"),
        pytest.param({"id": "mug", "size": []}, "unable_to_coerce_value", "/items/0/size", id="[]"),
        pytest.param({"id": "mug", "tags": {}}, "unable_to_coerce_value", "/items/0/tags", id="{}"),
        pytest.param(
            {"id": "mug", "name": "x" * 5001}, "items_too_large", "/items/0/name", id="too long"
        ),
        pytest.param(
            {"id": "mug", "size": {"a": [{"b.c": 1}]}},
            "invalid_keys_in_value_object",
            "/items/0/size",
            id="a dot in a key",
        ),
        pytest.param(
            {"id": "mug", "tags": {"$add": ["x"]}},
            "invalid_keys_in_value_object",
            "/items/0/tags",
            id="$add in a put",
        ),
    ],
)
def test_an_item_that_does_not_fit_is_told_why(
    described: dict[str, Any], code: str, pointer: str
) -> None:
    problem = _read(described)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.pointer) == (code, pointer)


@pytest.mark.parametrize(("levels", "fits"), [(50, True), (51, False)])
def test_a_value_has_at_most_fifty_levels(levels: int, fits: bool) -> None:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    read = _read({"id": "mug", "size": value})
    if fits:
        assert isinstance(read, Item)
    else:
        assert isinstance(read, Problem)
        assert read.code == "too_deep_nesting_in_value_object"


def test_a_catalog_that_is_not_there_comes_with_the_way_to_create_it() -> None:
    problem = _read({"id": "mug"}, catalog_name="shoes")
    assert isinstance(problem, Problem)
    assert problem.code == "catalog_not_found"
    assert "POST /catalogs" in problem.hint


def test_a_delete_looks_at_the_id_alone() -> None:
    assert _item({"id": "mug", "colour": "red"}, kind=Kind.CATALOG_DELETE) == Item(MUG, {})


def _shelf(held: dict[str, Any] | None) -> Shelf:
    return Shelf(schemas=SCHEMAS, documents={} if held is None else {MUG: held})


def test_a_put_creates_an_item() -> None:
    shelf = _shelf(None)
    shelf.put(_item({"id": "mug", "name": "Mug", "stock": None}))
    assert shelf.changed == {MUG: {"name": "Mug"}}


def test_a_put_replaces_an_item_as_a_whole() -> None:
    shelf = _shelf({"name": "Mug", "stock": 3})
    shelf.put(_item({"id": "mug", "name": "Cup"}))
    assert shelf.changed == {MUG: {"name": "Cup"}}


@pytest.mark.parametrize(
    ("given", "after"),
    [
        pytest.param({"stock": 4}, {"name": "Mug", "stock": 4, "tags": ["a", "b"]}, id="a field"),
        pytest.param({"stock": None}, {"name": "Mug", "tags": ["a", "b"]}, id="null removes"),
        pytest.param(
            {"tags": {"$add": ["c", "a"]}},
            {"name": "Mug", "stock": 3, "tags": ["a", "b", "c"]},
            id="$add appends what is new",
        ),
        pytest.param(
            {"tags": {"$remove": ["a", "z"]}},
            {"name": "Mug", "stock": 3, "tags": ["b"]},
            id="$remove",
        ),
        pytest.param(
            {"tags": {"$add": ["c"], "$remove": ["a"]}},
            {"name": "Mug", "stock": 3, "tags": ["b", "c"]},
            id="$add and $remove",
        ),
        pytest.param(
            {"tags": ["z"]}, {"name": "Mug", "stock": 3, "tags": ["z"]}, id="an array is set"
        ),
    ],
)
def test_a_patch_changes_the_given_fields_alone(
    given: dict[str, Any], after: dict[str, Any]
) -> None:
    shelf = _shelf({"name": "Mug", "stock": 3, "tags": ["a", "b"]})
    item = _item({"id": "mug", **given}, kind=Kind.CATALOG_PATCH)
    assert shelf.patch(item, pointer="/items/0", counting=True) is None
    assert shelf.changed == {MUG: after}


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
