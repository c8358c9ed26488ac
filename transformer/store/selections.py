"""Selections of catalogs: kept as they were read, evaluated by the database when somebody asks.

It looks at every item of the catalog, in a transaction that holds nobody up. Rejected: to look at them in
Python, 15 times as slow, and with the interpreter's lock held, in the process that accepts webhooks;
to keep the items of each selection with every batch of the writer, which costs it for what nobody may ask.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from transformer.catalog import Catalog, FieldType
from transformer.clock import to_text
from transformer.errors import Conflict, InvalidRequest, NotFound
from transformer.ids import CatalogId, WorkspaceId
from transformer.operation import JsonObject
from transformer.selection import MAX_SELECTIONS, Selection, restore_selection
from transformer.store.catalogs import catalog_of, lock_catalog, read_catalog
from transformer.store.documents import without_nul
from transformer.store.items import item_of
from transformer.store.selected import selected
from transformer.store.tables import catalogs, selections

INSERT_SELECTION = insert(selections)
LIST_SELECTIONS = (
    select(selections.c.name, selections.c.document)
    .where(selections.c.catalog_id == bindparam("of_catalog"))
    .order_by(selections.c.name)
)
DELETE_SELECTION = delete(selections).where(
    selections.c.catalog_id == bindparam("of_catalog"), selections.c.name == bindparam("named")
)
NOTE_FILTERED = (
    update(catalogs)
    .where(catalogs.c.id == bindparam("of_catalog"))
    .values(filtered=bindparam("to_filtered"))
)


def create_selection(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    catalog_name: str,
    read: Callable[[Catalog], Selection],
    now: datetime,
) -> None:
    """Add a selection to a catalog.

    From then on the texts it filters by are bounded (``Catalog.filtered``); longer ones that are there
    stay as they are.

    Args:
        connection: a transaction that may write.
        workspace_id: whose catalog it is.
        catalog_name: the catalog's name.
        read: reads the selection as the catalog takes it.
        now: the time to note.

    Raises:
        NotFound: the workspace has no such catalog.
        InvalidRequest: the selection is not of the form it must have, or there are too many.
        Conflict: the catalog has a selection of this name.
    """
    row = lock_catalog(connection, workspace_id=workspace_id, name=catalog_name)
    catalog = catalog_of(row)
    selection = read(catalog)
    held = _list(connection, catalog)
    if selection.name in {one.name for one in held}:
        raise Conflict(
            f"There is a selection named {selection.name!r} already.",
            pointer="/selection/name",
            rule="selection_name_already_exists",
        )
    if len(held) >= MAX_SELECTIONS:
        raise InvalidRequest(
            f"A catalog has up to {MAX_SELECTIONS} selections.", rule="selection_limit_reached"
        )
    # Items hold texts as both databases can, and so must what they are compared with.
    document = without_nul(selection.as_json())
    connection.execute(
        INSERT_SELECTION,
        {
            "catalog_id": catalog.id,
            "name": document.pop("name"),
            "document": document,
            "created_at": to_text(now),
        },
    )
    _note_filtered(connection, catalog, [*held, selection])


def delete_selection(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    catalog_name: str,
    name: str,
) -> None:
    """Remove a selection from a catalog.

    Raises:
        NotFound: the workspace has no such catalog, or it no such selection.
    """
    row = lock_catalog(connection, workspace_id=workspace_id, name=catalog_name)
    catalog = catalog_of(row)
    held = _list(connection, catalog)
    kept = [one for one in held if one.name != name]
    if len(kept) == len(held):
        raise _not_found(name, catalog_name)
    connection.execute(DELETE_SELECTION, {"of_catalog": catalog.id, "named": name})
    _note_filtered(connection, catalog, kept)


def list_selections(
    connection: Connection, *, workspace_id: WorkspaceId, catalog_name: str
) -> list[JsonObject]:
    """List a catalog's selections by name, as they were asked for.

    Raises:
        NotFound: the workspace has no such catalog.
    """
    catalog = read_catalog(connection, workspace_id=workspace_id, name=catalog_name)
    return [selection.as_json() for selection in _list(connection, catalog)]


def read_selected(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    catalog_name: str,
    name: str,
) -> list[JsonObject]:
    """Give the items that a selection means now.

    Raises:
        NotFound: the workspace has no such catalog, or it no such selection.
    """
    catalog = read_catalog(connection, workspace_id=workspace_id, name=catalog_name)
    for selection in _list(connection, catalog):
        if selection.name == name:
            statement = selected(selection, catalog, connection.dialect.name)
            return [item_of(row, catalog) for row in connection.execute(statement).all()]
    raise _not_found(name, catalog_name)


def _list(connection: Connection, catalog: Catalog) -> list[Selection]:
    rows = connection.execute(LIST_SELECTIONS, {"of_catalog": catalog.id}).all()
    return [restore_selection({"name": name, **document}) for name, document in rows]


def _note_filtered(connection: Connection, catalog: Catalog, held: list[Selection]) -> None:
    texts = {
        condition.field
        for selection in held
        for condition in selection.filters
        if catalog.schema.get(condition.field) is FieldType.STRING
    }
    asked = {"of_catalog": CatalogId(catalog.id), "to_filtered": sorted(texts)}
    connection.execute(NOTE_FILTERED, asked)


def _not_found(name: str, catalog_name: str) -> NotFound:
    return NotFound(
        f"There is no selection {name!r:.80} of catalog {catalog_name!r}.", rule="invalid_selection"
    )
