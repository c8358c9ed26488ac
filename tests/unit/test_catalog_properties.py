"""Whatever JSON comes as an item, a catalog or a selection is taken as a whole or refused by a rule."""

from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from transformer.catalog import Catalog, FieldType, check_added_fields, check_catalog
from transformer.delivery import Problem
from transformer.errors import InvalidRequest
from transformer.ids import new_catalog_id
from transformer.operation import JsonObject, Kind
from transformer.selection import read_selection, restore_selection
from transformer.writer.catalog_wire import CATALOG_WIRE
from transformer.writer.catalogs import Item, Shelf, read_item
from transformer.writer.times import read_time

FIELDS = {kind.value: kind for kind in FieldType}
CATALOG = Catalog(
    id=new_catalog_id(), name="all", schema=FIELDS, filtered=frozenset({FieldType.STRING.value})
)
KEY = ("all", "i")
RULES = {"", *CATALOG_WIRE}
KINDS = [Kind.CATALOG_CREATE, Kind.CATALOG_PUT, Kind.CATALOG_PATCH, Kind.CATALOG_DELETE]

_words = st.sampled_from(
    [
        "",
        "id",
        "7",
        "-0.5",
        "TRUE",
        "2026-01-02",
        "a.b",
        "$add",
        "$remove",
        "a",
        "é" * 2_600,
        "1e999",
    ]
)
_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, 1, 1.0, -73.98, 180, 200]),
    _words,
    st.text(st.characters(codec="utf-8"), max_size=5),
)
_json = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=3),
    max_leaves=12,
)
_operations = st.dictionaries(
    st.sampled_from(["$add", "$remove"]), st.lists(_json, max_size=3) | _json, min_size=1
)
_items = st.dictionaries(st.sampled_from([*FIELDS, "other"]), _json | _operations, max_size=4)


def _rule_broken(check: Callable[[], object]) -> str:
    """Name the rule that a check finds broken; empty: none."""
    try:
        check()
    except InvalidRequest as refused:
        return refused.rule
    return ""


def _read(described: JsonObject, kind: Kind) -> Item | Problem:
    return read_item(
        described, kind=kind, catalog_name="all", catalogs={"all": CATALOG}, pointer="/items/0"
    )


@given(described=_items, item_id=st.just("i") | _json, kind=st.sampled_from(KINDS))
@settings(max_examples=100, deadline=None)
def test_an_item_is_read_or_refused_by_a_rule(
    described: JsonObject, item_id: Any, kind: Kind
) -> None:
    read = _read(described | {"id": item_id}, kind)
    if isinstance(read, Problem):
        assert read.code in CATALOG_WIRE
    else:
        assert read.fields.keys() <= FIELDS.keys()


@given(held=_items, changes=st.lists(_items, max_size=3))
@settings(max_examples=100, deadline=None)
def test_what_a_catalog_holds_it_takes_again_as_it_is(
    held: JsonObject, changes: list[JsonObject]
) -> None:
    """So that what one reads can be put back, here or in another catalog with these fields."""
    shelf = Shelf(catalogs={"all": CATALOG}, documents={})
    put = _read(held | {"id": "i"}, Kind.CATALOG_PUT)
    if isinstance(put, Item):
        shelf.put(put)
    for change in changes:
        patch = _read(change | {"id": "i"}, Kind.CATALOG_PATCH)
        if isinstance(patch, Item):
            shelf.patch(patch, pointer="/items/0", counting=True)
    document = shelf.changed.get(KEY)
    if document is None:
        return
    shown = orjson.loads(orjson.dumps(document))
    again = _read(shown | {"id": "i"}, Kind.CATALOG_PUT)
    assert again == Item(KEY, document)


@given(described=st.fixed_dictionaries({"name": _json, "description": _json, "fields": _json}))
@settings(max_examples=100, deadline=None)
def test_a_catalog_is_taken_or_refused_by_a_rule(described: dict[str, Any]) -> None:
    assert _rule_broken(lambda: check_catalog(**described)) in RULES


@given(
    fields=st.lists(
        st.fixed_dictionaries(
            {}, optional={"name": _json, "type": st.sampled_from(list(FIELDS)) | _json}
        )
        | _json,
        max_size=3,
    )
    | _json
)
@settings(max_examples=100, deadline=None)
def test_fields_are_taken_or_refused_by_a_rule(fields: Any) -> None:
    assert _rule_broken(lambda: check_added_fields(fields, known=["id", "a"])) in RULES


_filters = st.fixed_dictionaries(
    {
        "field": st.sampled_from([*FIELDS, "id", "other"]) | _json,
        "operator": st.sampled_from(["equals", "less than", "is", "after", "includes value"])
        | _json,
        "value": _json,
    }
)


@given(
    described=st.fixed_dictionaries(
        {"name": st.just("s") | _json},
        optional={
            "description": _json,
            "filters": st.lists(_filters, max_size=3) | _json,
            "results_limit": st.integers(-1, 60) | _json,
            "sort_field": st.sampled_from([*FIELDS, "id"]) | _json,
            "sort_order": st.sampled_from(["asc", "desc"]) | _json,
        },
    )
    | _json
)
@settings(max_examples=100, deadline=None)
def test_a_selection_is_read_and_kept_or_refused_by_a_rule(described: Any) -> None:
    read_it = partial(read_selection, described, catalog=CATALOG, read_time=read_time)
    broken = _rule_broken(read_it)
    assert broken in RULES
    if not broken:
        kept = orjson.loads(orjson.dumps(read_it().as_json()))
        assert restore_selection(kept) == read_it()
