from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from tests.support.settlements import WORKSPACE, item, make_settlement
from transformer.errors import Conflict, InvalidRequest, NotFound
from transformer.ids import WorkspaceId, new_workspace_id
from transformer.store.catalogs import create_catalog, list_catalogs, read_items
from transformer.store.engine import reading, writing
from transformer.writer.apply import apply_batch

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FIELDS = [{"name": "id", "type": "string"}, {"name": "stock", "type": "number"}]


def _create(
    connection: Connection, *, workspace_id: WorkspaceId = WORKSPACE, **changed: Any
) -> None:
    given: dict[str, Any] = {"name": "products", "description": "All", "fields": FIELDS}
    create_catalog(connection, workspace_id=workspace_id, now=NOW, **(given | changed))


def _put(connection: Connection, *ids: str) -> None:
    operations = [item("put", "products", id=name, stock=1) for name in ids]
    apply_batch(
        connection, workspace_id=WORKSPACE, settlements=[make_settlement(*operations)], now=NOW
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


def test_a_catalogs_name_is_taken_once_in_a_workspace(engine: Engine) -> None:
    with writing(engine) as connection:
        _create(connection)
        with pytest.raises(Conflict, match="products"):
            _create(connection)
        _create(connection, workspace_id=new_workspace_id())
        assert len(list_catalogs(connection, workspace_id=WORKSPACE)) == 1


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        pytest.param({"name": "my products"}, "/name", id="a space in the name"),
        pytest.param({"name": "products\n"}, "/name", id="a line's end in the name"),
        pytest.param({"name": ""}, "/name", id="no name"),
        pytest.param({"name": "n" * 251}, "/name", id="a long name"),
        pytest.param({"description": "d" * 251}, "/description", id="a long description"),
        pytest.param({"fields": []}, "/fields", id="no fields"),
        pytest.param({"fields": FIELDS[1:]}, "/fields/0", id="id is not the first field"),
        pytest.param(
            {"fields": [{"name": "id", "type": "number"}]}, "/fields/0", id="id is no string"
        ),
        pytest.param(
            {"fields": [*FIELDS, {"name": "at", "type": "date"}]}, "/fields/2/type", id="a type"
        ),
        pytest.param(
            {"fields": [*FIELDS, {"name": "a b", "type": "time"}]}, "/fields/2/name", id="a name"
        ),
        pytest.param({"fields": [*FIELDS, FIELDS[1]]}, "/fields/2/name", id="a field twice"),
        pytest.param({"fields": [*FIELDS, "stock"]}, "/fields/2", id="a field that is no object"),
    ],
)
def test_a_catalog_that_is_not_well_formed_is_refused(
    engine: Engine, changed: dict[str, Any], pointer: str
) -> None:
    with writing(engine) as connection:
        with pytest.raises(InvalidRequest) as refused:
            _create(connection, **changed)
        assert refused.value.pointer == pointer
        assert list_catalogs(connection, workspace_id=WORKSPACE) == []


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
