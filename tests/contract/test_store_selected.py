"""Which items a selection means: one row a rule, and against a model in Python (braze.md §3.3)."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from operator import eq, gt, lt, ne
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from tests.support.settlements import item, make_settlement
from transformer.catalog import Catalog
from transformer.ids import WorkspaceId, new_workspace_id
from transformer.operation import JsonObject
from transformer.selection import Filter, Selection, read_selection
from transformer.store.catalogs import add_fields, create_catalog, remove_field
from transformer.store.engine import writing
from transformer.store.selections import create_selection, delete_selection, read_selected
from transformer.writer.apply import apply_batch
from transformer.writer.times import read_time

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FIELDS = [
    {"name": "id", "type": "string"},
    {"name": "name", "type": "string"},
    {"name": "stock", "type": "number"},
    {"name": "live", "type": "boolean"},
    {"name": "at", "type": "time"},
    {"name": "tags", "type": "array"},
]
ITEMS: list[dict[str, Any]] = [
    {"id": "a", "name": "Blue", "stock": 3, "live": True, "at": "2026-01-01T00:00:00.000Z"},
    {"id": "b", "name": "Red", "stock": 0, "live": False, "at": "2026-03-01T00:00:00.000Z"},
    {"id": "c", "name": "Blue", "stock": 7, "tags": ["tall", 1]},
    {"id": "d", "stock": 3, "tags": ["small", True]},
    {"id": "e"},
]


def _filter(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


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


def _catalog(connection: Connection, items: Sequence[JsonObject]) -> WorkspaceId:
    workspace_id = new_workspace_id()
    create_catalog(
        connection,
        workspace_id=workspace_id,
        name="mugs",
        description="",
        fields=FIELDS,
        now=NOW,
    )
    _put(connection, workspace_id, items)
    return workspace_id


def _put(connection: Connection, workspace_id: WorkspaceId, items: Sequence[JsonObject]) -> None:
    put = make_settlement(*(item("put", "mugs", **one) for one in items), workspace_id=workspace_id)
    apply_batch(connection, workspace_id=workspace_id, settlements=[put], now=NOW)


def _choose(
    connection: Connection,
    workspace_id: WorkspaceId,
    described: JsonObject,
    *,
    was_read: list[Selection] | None = None,
) -> list[str]:
    """Make a selection, and give the ids of the items that it means."""

    def read(catalog: Catalog) -> Selection:
        selection = read_selection({"name": "s", **described}, catalog=catalog, read_time=read_time)
        if was_read is not None:
            was_read.append(selection)
        return selection

    create_selection(connection, workspace_id=workspace_id, catalog_name="mugs", read=read, now=NOW)
    found = read_selected(connection, workspace_id=workspace_id, catalog_name="mugs", name="s")
    delete_selection(connection, workspace_id=workspace_id, catalog_name="mugs", name="s")
    return [one["id"] for one in found]


def test_a_selection_means_items(engine: Engine) -> None:
    with writing(engine) as connection:
        workspace_id = _catalog(connection, ITEMS)
        found = {
            rule: "".join(_choose(connection, workspace_id, described))
            for rule, described, _ in CHOSEN
        }
    assert found == {rule: chosen for rule, _, chosen in CHOSEN}


def test_without_a_limit_a_selection_means_50_items(engine: Engine) -> None:
    with writing(engine) as connection:
        workspace_id = _catalog(connection, [{"id": f"m{number:02}"} for number in range(60)])
        assert len(_choose(connection, workspace_id, {})) == 50


def test_an_item_that_is_meant_is_given_as_it_is(engine: Engine) -> None:
    with writing(engine) as connection:
        workspace_id = _catalog(connection, ITEMS)
        create_selection(
            connection,
            workspace_id=workspace_id,
            catalog_name="mugs",
            read=lambda catalog: read_selection(
                {"name": "s", "results_limit": 1}, catalog=catalog, read_time=read_time
            ),
            now=NOW,
        )
        found = read_selected(connection, workspace_id=workspace_id, catalog_name="mugs", name="s")
    assert found == ITEMS[:1]


def test_values_of_a_field_that_was_removed_are_not_looked_at(engine: Engine) -> None:
    # To see it fail: make _since in store/selected.py give the value as it is.
    by_stock = {"sort_field": "stock", "sort_order": "asc"}
    tall = {"filters": [_filter("tags", "includes value", "tall")]}
    with writing(engine) as connection:
        workspace_id = _catalog(connection, ITEMS)
        for field, kind in (("name", "number"), ("stock", "string"), ("tags", "array")):
            remove_field(connection, workspace_id=workspace_id, name="mugs", field=field, now=NOW)
            add_fields(
                connection,
                workspace_id=workspace_id,
                name="mugs",
                fields=[{"name": field, "type": kind}],
                now=NOW,
            )
        _put(connection, workspace_id, [{"id": "z", "stock": "new", "tags": ["tall"], "name": 3}])
        assert _choose(connection, workspace_id, by_stock) == ["z", "a", "b", "c", "d", "e"]
        assert _choose(connection, workspace_id, tall) == ["z"]
        assert _choose(
            connection, workspace_id, {"filters": [_filter("name", "less than", 9)]}
        ) == ["z"]


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": eq,
    "does not equal": ne,
    "greater than": gt,
    "less than": lt,
    "is": eq,
    "before": lt,
    "after": gt,
}


def _is_same(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _is_met(condition: Filter, held: Any) -> bool:
    if condition.operator == "includes value":
        return any(_is_same(element, condition.value) for element in held or [])
    if condition.operator == "does not include value":
        return not any(_is_same(element, condition.value) for element in held or [])
    if held is None:
        return condition.operator == "does not equal"
    return _TESTS[condition.operator](held, condition.value)


def _model(selection: Selection, items: Sequence[JsonObject]) -> list[str]:
    """Say which items are meant, in other words than the store's."""
    by_id = sorted(items, key=lambda one: one["id"])
    meant = [
        one
        for one in by_id
        if all(_is_met(condition, one.get(condition.field)) for condition in selection.filters)
    ]
    if selection.sort_field:
        valued = [one for one in meant if one.get(selection.sort_field) is not None]
        valued.sort(key=lambda one: one[selection.sort_field], reverse=selection.is_descending)
        meant = valued + [one for one in meant if one.get(selection.sort_field) is None]
    return [one["id"] for one in meant[: selection.results_limit]]


_names = st.sampled_from(["", "a", "B", "b", "é", "z", "-1", "a b", "\U0001f600", "\ufb01"])
_numbers = st.sampled_from([0, 1, -1, 2.5, 10, 1e300, 2**53, -0.5])
_times = st.sampled_from(["2025-12-31T23:59:59.999Z", "2026-01-01T00:00:00.000Z"])
_elements = _names | _numbers | st.booleans() | st.none() | st.just(["a"]) | st.just({"a": "b"})
_items = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from("pqrstuv")},
        optional={
            "name": _names,
            "stock": _numbers,
            "live": st.booleans(),
            "at": _times,
            "tags": st.lists(_elements, max_size=3),
        },
    ),
    max_size=7,
    unique_by=lambda one: one["id"],
)
_filters = st.one_of(
    st.builds(_filter, st.just("name"), st.sampled_from(["equals", "does not equal"]), _names),
    st.builds(_filter, st.just("id"), st.just("equals"), st.sampled_from("pq")),
    st.builds(
        _filter,
        st.just("stock"),
        st.sampled_from(["equals", "does not equal", "greater than", "less than"]),
        _numbers,
    ),
    st.builds(_filter, st.just("live"), st.just("is"), st.booleans()),
    st.builds(_filter, st.just("at"), st.sampled_from(["before", "after"]), _times),
    st.builds(
        _filter,
        st.just("tags"),
        st.sampled_from(["includes value", "does not include value"]),
        _names | _numbers | st.booleans(),
    ),
)
_sorting: st.SearchStrategy[JsonObject] = st.just({}) | st.fixed_dictionaries(
    {
        "sort_field": st.sampled_from(["id", "name", "stock", "live", "at"]),
        "sort_order": st.sampled_from(["asc", "desc"]),
    }
)


@given(
    items=_items,
    filters=st.lists(_filters, max_size=2),
    sorting=_sorting,
    limit=st.integers(1, 5),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_database_finds_what_the_rules_say(
    engine: Engine,
    items: list[JsonObject],
    filters: list[JsonObject],
    sorting: JsonObject,
    limit: int,
) -> None:
    described = {"filters": filters, "results_limit": limit, **sorting}
    was_read: list[Selection] = []
    with writing(engine) as connection:
        workspace_id = _catalog(connection, items)
        found = _choose(connection, workspace_id, described, was_read=was_read)
    assert found == _model(was_read[0], items)
