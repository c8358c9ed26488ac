"""Selections in the store; their rules are in tests/unit/test_rules_selections.py."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from tests.support.settlements import WORKSPACE, item, make_settlement
from transformer.catalog import Catalog
from transformer.errors import Conflict, InvalidRequest, NotFound
from transformer.operation import JsonObject
from transformer.selection import Selection, read_selection
from transformer.store.catalogs import create_catalog, delete_catalog, read_catalog, remove_field
from transformer.store.engine import reading, writing
from transformer.store.selections import (
    create_selection,
    delete_selection,
    list_selections,
    read_selected,
)
from transformer.writer.apply import apply_batch
from transformer.writer.times import read_time

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FIELDS = [
    {"name": "id", "type": "string"},
    {"name": "brand", "type": "string"},
    {"name": "stock", "type": "number"},
    {"name": "at", "type": "time"},
]
IN_STOCK = {
    "name": "in-stock",
    "description": "What can be bought",
    "filters": [{"field": "stock", "operator": "greater than", "value": 0}],
    "results_limit": 3,
    "sort_field": "stock",
    "sort_order": "desc",
}
OF_ADA = {"name": "of-ada", "filters": [{"field": "brand", "operator": "equals", "value": "Ada"}]}


@pytest.fixture
def mugs(engine: Engine) -> Engine:
    with writing(engine) as connection:
        create_catalog(
            connection,
            workspace_id=WORKSPACE,
            name="mugs",
            description="",
            fields=FIELDS,
            now=NOW,
        )
    return engine


def _create(connection: Connection, described: Any, *, catalog_name: str = "mugs") -> None:
    def read(catalog: Catalog) -> Selection:
        return read_selection(described, catalog=catalog, read_time=read_time)

    create_selection(
        connection, workspace_id=WORKSPACE, catalog_name=catalog_name, read=read, now=NOW
    )


def _delete(connection: Connection, name: str) -> None:
    delete_selection(connection, workspace_id=WORKSPACE, catalog_name="mugs", name=name)


def _put(connection: Connection, *items: JsonObject) -> str:
    """Put items; gives the code of the error that its delivery failed with."""
    put = make_settlement(*(item("put", "mugs", **described) for described in items))
    applied = apply_batch(connection, workspace_id=WORKSPACE, settlements=[put], now=NOW)
    return "".join(applied.failures)


def _selected(connection: Connection, name: str) -> list[str]:
    found = read_selected(connection, workspace_id=WORKSPACE, catalog_name="mugs", name=name)
    return [str(one["id"]) for one in found]


def test_a_selection_means_the_items_of_the_moment(mugs: Engine) -> None:
    with writing(mugs) as connection:
        _create(connection, IN_STOCK)
        _put(connection, *({"id": f"m{number}", "stock": number % 5} for number in range(12)))
        before = _selected(connection, "in-stock")
        _put(connection, {"id": "m4", "stock": 0}, {"id": "new", "stock": 9})
        after = _selected(connection, "in-stock")
    assert (before, after) == (["m4", "m9", "m3"], ["new", "m9", "m3"])


def test_a_selection_looks_at_all_items_of_its_catalog(mugs: Engine) -> None:
    # To see it fail: read one page alone in _all_items.
    with writing(mugs) as connection:
        _create(connection, {**IN_STOCK, "results_limit": 1})
        _put(connection, *({"id": f"m{number:04}", "stock": number} for number in range(2_500)))
        assert _selected(connection, "in-stock") == ["m2499"]


def test_selections_are_listed_by_name_as_they_were_asked_for(mugs: Engine) -> None:
    with writing(mugs) as connection:
        _create(connection, OF_ADA)
        _create(connection, IN_STOCK)
    with reading(mugs) as connection:
        listed = list_selections(connection, workspace_id=WORKSPACE, catalog_name="mugs")
    assert listed == [IN_STOCK, {**OF_ADA, "description": "", "results_limit": 50}]


def test_a_time_is_kept_as_items_hold_it(mugs: Engine) -> None:
    late = {"field": "at", "operator": "after", "value": "2026-01-01T01:00:00+02:00"}
    with writing(mugs) as connection:
        _create(connection, {"name": "late", "filters": [late]})
        _put(
            connection,
            {"id": "a", "at": "2025-12-31T22:59:00Z"},
            {"id": "b", "at": "2026-01-01T00:30:00+01:00"},
        )
        assert _selected(connection, "late") == ["b"]


def test_a_text_that_a_database_cannot_hold_is_found_all_the_same(mugs: Engine) -> None:
    odd = {"field": "brand", "operator": "equals", "value": "A\x00da"}
    with writing(mugs) as connection:
        _create(connection, {"name": "odd", "filters": [odd]})
        _put(connection, {"id": "m", "brand": "A\x00da"}, {"id": "n", "brand": "Ada"})
        assert _selected(connection, "odd") == ["m"]


def test_a_selections_name_is_taken_once_in_a_catalog(mugs: Engine) -> None:
    with writing(mugs) as connection:
        _create(connection, IN_STOCK)
        with pytest.raises(Conflict) as refused:
            _create(connection, OF_ADA | {"name": "in-stock"})
    assert refused.value.rule == "selection_name_already_exists"


def test_a_catalog_has_up_to_30_selections(mugs: Engine) -> None:
    with writing(mugs) as connection:
        for number in range(30):
            _create(connection, {"name": f"s{number}"})
        with pytest.raises(InvalidRequest) as refused:
            _create(connection, IN_STOCK)
        assert refused.value.rule == "selection_limit_reached"
        _delete(connection, "s7")
        _create(connection, IN_STOCK)


def test_a_text_that_a_selection_filters_by_is_bounded_as_long_as_one_does(mugs: Engine) -> None:
    long = {"id": "m", "brand": "x" * 1_001}
    with writing(mugs) as connection:
        assert _put(connection, long) == ""
        _create(connection, OF_ADA)
        _create(connection, OF_ADA | {"name": "of-ada-too"})
        told = [_put(connection, long)]
        _delete(connection, "of-ada")
        told.append(_put(connection, long))
        _delete(connection, "of-ada-too")
        told.append(_put(connection, long))
    assert told == ["filtered_set_field_too_long", "filtered_set_field_too_long", ""]


@pytest.mark.parametrize("field", ["stock", "brand"])
def test_a_field_that_a_selection_uses_is_not_removed(mugs: Engine, field: str) -> None:
    by_stock = {"sort_field": "stock", "sort_order": "asc"}
    with writing(mugs) as connection:
        _create(connection, OF_ADA | by_stock)
        with pytest.raises(InvalidRequest) as refused:
            remove_field(connection, workspace_id=WORKSPACE, name="mugs", field=field, now=NOW)
        assert refused.value.rule == "field_referenced_by_selection"
        _delete(connection, "of-ada")
        remove_field(connection, workspace_id=WORKSPACE, name="mugs", field=field, now=NOW)
        catalog = read_catalog(connection, workspace_id=WORKSPACE, name="mugs")
    assert field not in catalog.schema


def test_what_is_no_selection_is_not_found(mugs: Engine) -> None:
    with writing(mugs) as connection:
        with pytest.raises(NotFound) as unread:
            _selected(connection, "none")
        with pytest.raises(NotFound) as undeleted:
            _delete(connection, "none")
        with pytest.raises(NotFound) as uncreated:
            _create(connection, IN_STOCK, catalog_name="none")
    assert [error.value.rule for error in (unread, undeleted, uncreated)] == [
        "invalid_selection",
        "invalid_selection",
        "catalog_not_found",
    ]


def test_a_deleted_catalog_takes_its_selections_with_it(mugs: Engine) -> None:
    with writing(mugs) as connection:
        _create(connection, IN_STOCK)
        delete_catalog(connection, workspace_id=WORKSPACE, name="mugs", now=NOW)
        create_catalog(
            connection,
            workspace_id=WORKSPACE,
            name="mugs",
            description="",
            fields=FIELDS,
            now=NOW,
        )
        assert list_selections(connection, workspace_id=WORKSPACE, catalog_name="mugs") == []
