"""Catalogs and their items in the store; the rules are in tests/unit/test_rules_catalog*.py."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, func, select

from tests.support.settlements import WORKSPACE, item, make_settlement
from transformer.errors import Conflict, InvalidRequest, NotFound
from transformer.ids import WorkspaceId, new_workspace_id
from transformer.operation import JsonObject
from transformer.store.catalogs import (
    add_fields,
    create_catalog,
    delete_catalog,
    list_catalogs,
    remove_field,
)
from transformer.store.engine import open_engine, reading, writing
from transformer.store.items import list_deleted, read_items, sweep_items
from transformer.store.retention import read_usage
from transformer.store.tables import catalog_items
from transformer.writer.apply import apply_batch

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 1, 12, 1, tzinfo=UTC)
LATEST = datetime(2026, 3, 1, 12, 2, tzinfo=UTC)
FIELDS = [{"name": "id", "type": "string"}, {"name": "stock", "type": "number"}]
COLOUR = {"name": "colour", "type": "string"}
OTHER = new_workspace_id()


def _create(
    connection: Connection, *, workspace_id: WorkspaceId = WORKSPACE, **changed: Any
) -> None:
    given: dict[str, Any] = {"name": "products", "description": "All", "fields": FIELDS}
    create_catalog(connection, workspace_id=workspace_id, now=NOW, **(given | changed))


def _put(connection: Connection, *ids: str) -> None:
    _apply(connection, *(item("put", "products", id=name, stock=1) for name in ids))


def _apply(connection: Connection, *operations: JsonObject, now: datetime = NOW) -> None:
    apply_batch(
        connection, workspace_id=WORKSPACE, settlements=[make_settlement(*operations)], now=now
    )


def _items(connection: Connection) -> list[JsonObject]:
    return read_items(
        connection, workspace_id=WORKSPACE, catalog_name="products", after=None, limit=50
    )


def test_a_catalog_is_listed_with_the_number_of_its_items(engine: Engine) -> None:
    with writing(engine) as connection:
        _create(connection)
        _create(connection, name="empty")
        _put(connection, "mug", "cup")
    with reading(engine) as connection:
        listed = list_catalogs(connection, workspace_id=WORKSPACE)
    assert [(catalog["name"], catalog["num_items"]) for catalog in listed] == [
        ("empty", 0),
        ("products", 2),
    ]
    assert listed[1]["fields"] == FIELDS
    assert listed[1]["created_at"] == "2026-03-01T12:00:00.000Z"


def test_a_description_may_hold_what_a_database_cannot(engine: Engine) -> None:
    # To see it fail on PostgreSQL: store the description as it came.
    with writing(engine) as connection:
        _create(connection, description="All\x00mugs")
        [catalog] = list_catalogs(connection, workspace_id=WORKSPACE)
    assert catalog["description"] == "All\N{REPLACEMENT CHARACTER}mugs"


def test_a_catalogs_name_is_taken_once_in_a_workspace(engine: Engine) -> None:
    with writing(engine) as connection:
        _create(connection)
        with pytest.raises(Conflict, match="products"):
            _create(connection)
        _create(connection, workspace_id=new_workspace_id())
        assert len(list_catalogs(connection, workspace_id=WORKSPACE)) == 1


def test_a_catalog_that_is_not_well_formed_is_not_created(engine: Engine) -> None:
    with writing(engine) as connection:
        with pytest.raises(InvalidRequest):
            _create(connection, fields=FIELDS[1:])
        assert list_catalogs(connection, workspace_id=WORKSPACE) == []


def test_the_number_of_items_is_counted_with_each_batch(engine: Engine) -> None:
    # To see it fail: count what is changed, whether or not it was stored, in writer/apply.py.
    with writing(engine) as connection:
        _create(connection)
        _create(connection, workspace_id=OTHER)
        _put(connection, "mug", "cup", "jar")
        _put(connection, "mug", "mug", "pot")
        _apply(connection, item("delete", "products", id="cup"))
        _apply(
            connection,
            item("put", "products", id="jug"),
            item("delete", "products", id="jug"),
            item("delete", "products", id="jug"),
            item("create", "products", id="mug"),
            item("create", "products", id="can"),
            item("patch", "products", id="pot", stock=2),
        )
        [ours] = list_catalogs(connection, workspace_id=WORKSPACE)
        [theirs] = list_catalogs(connection, workspace_id=OTHER)
        held = _items(connection)
        usage = read_usage(connection, workspace_id=WORKSPACE)
    assert [one["id"] for one in held] == ["can", "jar", "mug", "pot"]
    assert (ours["num_items"], theirs["num_items"], usage["catalog_items"]) == (4, 0, 4)


def test_a_catalogs_time_is_that_of_the_last_change(engine: Engine) -> None:
    with writing(engine) as connection:
        _create(connection)
        _apply(connection, item("put", "products", id="mug"), now=LATER)
        [catalog] = list_catalogs(connection, workspace_id=WORKSPACE)
        assert catalog["updated_at"] == "2026-03-01T12:01:00.000Z"
        add_fields(connection, workspace_id=WORKSPACE, name="products", fields=[COLOUR], now=LATEST)
        [catalog] = list_catalogs(connection, workspace_id=WORKSPACE)
    assert catalog["created_at"] == "2026-03-01T12:00:00.000Z"
    assert catalog["updated_at"] == "2026-03-01T12:02:00.000Z"


def test_a_field_that_was_added_takes_values(engine: Engine) -> None:
    with writing(engine) as connection:
        _create(connection)
        _put(connection, "mug")
        add_fields(connection, workspace_id=WORKSPACE, name="products", fields=[COLOUR], now=LATER)
        [catalog] = list_catalogs(connection, workspace_id=WORKSPACE)
        assert _items(connection) == [{"id": "mug", "stock": 1}]
        _apply(connection, item("patch", "products", id="mug", colour="red"))
        held = _items(connection)
    assert catalog["fields"] == [*FIELDS, COLOUR]
    assert held == [{"id": "mug", "stock": 1, "colour": "red"}]


def test_fields_that_are_not_well_formed_are_not_added(engine: Engine) -> None:
    with writing(engine) as connection:
        _create(connection)
        with pytest.raises(InvalidRequest) as refused:
            add_fields(
                connection, workspace_id=WORKSPACE, name="products", fields=[FIELDS[1]], now=LATER
            )
        [catalog] = list_catalogs(connection, workspace_id=WORKSPACE)
    assert refused.value.rule == "field_names_not_unique"
    assert catalog["fields"] == FIELDS


def test_a_field_that_was_removed_takes_its_values_with_it(engine: Engine) -> None:
    # To see it fail: return the document as it is in Catalog.visible.
    with writing(engine) as connection:
        _create(connection, fields=[*FIELDS, COLOUR])
        _apply(
            connection,
            item("put", "products", id="cup", stock=1, colour="red"),
            item("put", "products", id="mug", stock=1, colour="red"),
        )
        remove_field(connection, workspace_id=WORKSPACE, name="products", field="stock", now=LATER)
        assert _items(connection) == [
            {"id": "cup", "colour": "red"},
            {"id": "mug", "colour": "red"},
        ]
        # Another field of its name begins without values, whether or not an item was written since.
        _apply(connection, item("patch", "products", id="mug", colour="blue"))
        as_text = {"name": "stock", "type": "string"}
        add_fields(connection, workspace_id=WORKSPACE, name="products", fields=[as_text], now=LATER)
        assert _items(connection) == [
            {"id": "cup", "colour": "red"},
            {"id": "mug", "colour": "blue"},
        ]
        _apply(connection, item("patch", "products", id="cup", stock="none"))
        held = _items(connection)
    assert held == [
        {"id": "cup", "colour": "red", "stock": "none"},
        {"id": "mug", "colour": "blue"},
    ]


@pytest.mark.parametrize("field", ["id", "weight", "", "st\x00ck"])
def test_what_is_no_field_is_not_removed(engine: Engine, field: str) -> None:
    with writing(engine) as connection:
        _create(connection)
        with pytest.raises(NotFound) as refused:
            remove_field(connection, workspace_id=WORKSPACE, name="products", field=field, now=NOW)
        [catalog] = list_catalogs(connection, workspace_id=WORKSPACE)
    assert refused.value.rule == "invalid_field_name"
    assert catalog["fields"] == FIELDS


def test_a_catalog_that_was_deleted_comes_back_empty(engine: Engine) -> None:
    # To see it fail: make new_catalog_id give the same id each time.
    with writing(engine) as connection:
        _create(connection)
        _create(connection, workspace_id=OTHER)
        _put(connection, "mug", "cup", "jar")
        delete_catalog(connection, workspace_id=WORKSPACE, name="products", now=LATER)
        assert list_catalogs(connection, workspace_id=WORKSPACE) == []
        assert len(list_catalogs(connection, workspace_id=OTHER)) == 1
        _create(connection)
        _put(connection, "mug")
        [catalog] = list_catalogs(connection, workspace_id=WORKSPACE)
        held = _items(connection)
    assert catalog["num_items"] == len(held) == 1


def test_the_items_of_a_deleted_catalog_are_swept_in_steps(engine: Engine) -> None:
    with writing(engine) as connection:
        _create(connection)
        _put(connection, "mug", "cup", "jar")
        delete_catalog(connection, workspace_id=WORKSPACE, name="products", now=LATER)
        _create(connection)
        _put(connection, "pot")
    with reading(engine) as connection:
        [(catalog_id, workspace_id)] = list_deleted(connection)
    swept = []
    for _ in range(4):
        with writing(engine) as connection:
            swept.append(sweep_items(connection, catalog_id, limit=2))
    with reading(engine) as connection:
        left = connection.scalar(select(func.count()).select_from(catalog_items))
        forgotten = list_deleted(connection)
    assert (swept, workspace_id) == ([2, 1, 0, None], WORKSPACE)
    assert (left, forgotten) == (1, [])


def _while_items_are_written(
    engine: Engine, database_url: str, change: Callable[[Connection], None]
) -> bool:
    """Change a catalog while a writer is about to write an item; say whether it went on beside it."""
    done = threading.Event()

    def work() -> None:
        other = open_engine(database_url)
        with writing(other) as connection:
            change(connection)
        done.set()
        other.dispose()

    changing = threading.Thread(target=work)
    early: list[bool] = []

    def between(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "INTO catalog_items" in statement:
            changing.start()
            early.append(done.wait(timeout=0.5 if is_expected_to_wait else 10))

    is_expected_to_wait = engine.dialect.name == "sqlite" or change is _delete
    event.listen(engine, "before_cursor_execute", between)
    with writing(engine) as connection:
        _put(connection, "mug")
    event.remove(engine, "before_cursor_execute", between)
    changing.join(timeout=30)
    assert done.is_set()
    return early == [True]


def _delete(connection: Connection) -> None:
    delete_catalog(connection, workspace_id=WORKSPACE, name="products", now=LATER)


def _add_colour(connection: Connection) -> None:
    add_fields(connection, workspace_id=WORKSPACE, name="products", fields=[COLOUR], now=LATER)


def test_a_catalog_is_not_deleted_while_a_writer_writes_its_items(
    database_url: str, engine: Engine
) -> None:
    """Else items would be written that nobody sweeps."""
    # To see it fail on PostgreSQL: leave `hold` away in writer/apply.py.
    with writing(engine) as connection:
        _create(connection)
    assert not _while_items_are_written(engine, database_url, _delete)
    with reading(engine) as connection:
        assert list_catalogs(connection, workspace_id=WORKSPACE) == []
        assert len(list_deleted(connection)) == 1


def test_fields_are_changed_beside_a_writer_that_writes_items(
    database_url: str, engine: Engine
) -> None:
    # To see it fail on PostgreSQL: leave `key_share` away in LOCK_CATALOG.
    with writing(engine) as connection:
        _create(connection)
    was_beside = _while_items_are_written(engine, database_url, _add_colour)
    assert was_beside == (engine.dialect.name == "postgresql")
    with writing(engine) as connection:
        [catalog] = list_catalogs(connection, workspace_id=WORKSPACE)
        _apply(connection, item("patch", "products", id="mug", colour="red"))
        held = _items(connection)
    assert (catalog["fields"], catalog["num_items"]) == ([*FIELDS, COLOUR], 1)
    assert held == [{"id": "mug", "stock": 1, "colour": "red"}]


CHANGES: dict[str, Callable[[Connection, str], None]] = {
    "delete": lambda connection, name: delete_catalog(
        connection, workspace_id=WORKSPACE, name=name, now=NOW
    ),
    "add a field": lambda connection, name: add_fields(
        connection, workspace_id=WORKSPACE, name=name, fields=[COLOUR], now=NOW
    ),
    "remove a field": lambda connection, name: remove_field(
        connection, workspace_id=WORKSPACE, name=name, field="stock", now=NOW
    ),
}


@pytest.mark.parametrize("name", ["shoes", "sh\x00es", ""])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_is_no_catalog_is_not_changed(
    engine: Engine, change: Callable[[Connection, str], None], name: str
) -> None:
    with writing(engine) as connection, pytest.raises(NotFound) as refused:
        change(connection, name)
    assert refused.value.rule == "catalog_not_found"


def test_items_are_read_page_by_page_in_the_order_of_their_ids(engine: Engine) -> None:
    with writing(engine) as connection:
        _create(connection)
        _put(connection, "c", "a", "d", "b", "e")
    with reading(engine) as connection:
        pages: list[list[str]] = []
        after: str | None = None
        while True:
            page = read_items(
                connection, workspace_id=WORKSPACE, catalog_name="products", after=after, limit=2
            )
            if not page:
                break
            pages.append([held["id"] for held in page])
            after = page[-1]["id"]
    assert pages == [["a", "b"], ["c", "d"], ["e"]]


def test_an_item_is_read_with_its_fields(engine: Engine) -> None:
    with writing(engine) as connection:
        _create(connection)
        _put(connection, "mug")
        assert read_items(
            connection, workspace_id=WORKSPACE, catalog_name="products", after=None, limit=50
        ) == [{"id": "mug", "stock": 1}]


@pytest.mark.parametrize("name", ["shoes", "sh\x00es"])
def test_the_items_of_no_catalog_are_not_found(engine: Engine, name: str) -> None:
    with reading(engine) as connection, pytest.raises(NotFound):
        read_items(connection, workspace_id=WORKSPACE, catalog_name=name, after=None, limit=50)
