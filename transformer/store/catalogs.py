"""Catalogs as callers make, change and delete them; their items are in ``items.py``.

A catalog's row is locked by the writer while it writes items of it, so that it is not deleted under
its hands; that its fields change meanwhile does no harm, for each item knows the edition it is of.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    exists,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from transformer.catalog import Catalog, FieldType, check_added_fields, check_catalog, is_name
from transformer.clock import to_text
from transformer.errors import Conflict, InvalidRequest, NotFound
from transformer.ids import CatalogId, WorkspaceId, new_catalog_id
from transformer.operation import JsonObject
from transformer.store.bulk import Bulk
from transformer.store.documents import without_nul
from transformer.store.tables import catalogs, deleted_catalogs, selections

_CHUNK = 500

IS_CATALOG = select(
    exists().where(
        catalogs.c.workspace_id == bindparam("of_workspace"),
        catalogs.c.name == bindparam("named"),
    )
)
INSERT_CATALOG = insert(catalogs)
LIST_CATALOGS = (
    select(catalogs)
    .where(catalogs.c.workspace_id == bindparam("of_workspace"))
    .order_by(catalogs.c.name)
)
READ_CATALOGS = select(
    catalogs.c.id, catalogs.c.name, catalogs.c.fields, catalogs.c.edition, catalogs.c.filtered
).where(
    catalogs.c.workspace_id == bindparam("of_workspace"),
    catalogs.c.name.in_(bindparam("wanted", expanding=True)),
)
# Holds up a delete, and nobody else: neither a change of fields nor another writer.
HOLD_CATALOGS = READ_CATALOGS.with_for_update(read=True, key_share=True)
_CATALOG = select(catalogs).where(
    catalogs.c.workspace_id == bindparam("of_workspace"), catalogs.c.name == bindparam("named")
)
# Goes on beside a writer that holds the catalog…
LOCK_CATALOG = _CATALOG.with_for_update(key_share=True)
# … and this waits for it. To begin with the lock above would end in a deadlock: the writer, holding the
# catalog, waits to count its items, and the delete, holding that lock, for the writer.
LOCK_TO_DELETE = _CATALOG.with_for_update()
CHANGE_FIELDS = (
    update(catalogs)
    .where(catalogs.c.id == bindparam("of_catalog"))
    .values(
        fields=bindparam("to_fields"),
        edition=catalogs.c.edition + 1,
        updated_at=bindparam("at"),
    )
)
COUNT_ITEMS = Bulk(
    update(catalogs)
    .where(catalogs.c.id == bindparam("of_catalog"))
    .values(num_items=catalogs.c.num_items + bindparam("more"), updated_at=bindparam("at")),
    ["more", "at", "of_catalog"],
)
DELETE_CATALOG = delete(catalogs).where(catalogs.c.id == bindparam("of_catalog"))
NOTE_DELETED = insert(deleted_catalogs)
DELETE_SELECTIONS = delete(selections).where(selections.c.catalog_id == bindparam("of_catalog"))
READ_FILTERS = select(selections.c.name, selections.c.document).where(
    selections.c.catalog_id == bindparam("of_catalog")
)


def create_catalog(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    name: str,
    description: str,
    fields: Sequence[JsonObject],
    now: datetime,
) -> None:
    """Create an empty catalog.

    Args:
        connection: a transaction that may write.
        workspace_id: whose catalog it is.
        name: letters, digits, ``_`` and ``-``.
        description: for people.
        fields: ``{"name", "type"}`` each; the first one is ``id`` of type ``string``.
        now: the time to note.

    Raises:
        InvalidRequest: the name, the description or a field is not of the form above.
        Conflict: the workspace has a catalog of this name.
    """
    check_catalog(name=name, description=description, fields=fields)
    at = to_text(now)
    row = {
        "id": new_catalog_id(),
        "workspace_id": workspace_id,
        "name": name,
        "description": without_nul(description),
        "fields": [{"name": field["name"], "type": field["type"]} for field in fields],
        "edition": 0,
        "filtered": [],
        "num_items": 0,
        "created_at": at,
        "updated_at": at,
    }
    taken = Conflict(
        f"There is a catalog named {name!r} already.",
        hint="Choose another name, or write items into the one that is there.",
        pointer="/name",
        rule="catalog_name_already_exists",
    )
    if connection.execute(IS_CATALOG, {"of_workspace": workspace_id, "named": name}).scalar_one():
        raise taken
    try:
        with connection.begin_nested():
            connection.execute(INSERT_CATALOG, row)
    except IntegrityError as error:
        raise taken from error


def list_catalogs(connection: Connection, *, workspace_id: WorkspaceId) -> list[JsonObject]:
    """List a workspace's catalogs by name, each with its fields and the number of its items."""
    rows = connection.execute(LIST_CATALOGS, {"of_workspace": workspace_id}).all()
    return [
        {
            "name": row.name,
            "description": row.description,
            "fields": [{"name": field["name"], "type": field["type"]} for field in row.fields],
            "num_items": row.num_items,
            "created_at": row.created_at,
            "updated_at": row.updated_at,
        }
        for row in rows
    ]


def read_catalogs(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    names: Iterable[str],
    hold: bool = False,
) -> dict[str, Catalog]:
    """Give these catalogs by their names; an unknown one is left out.

    With ``hold`` none of them is deleted before the transaction ends, which must be one that may write.
    """
    found: dict[str, Catalog] = {}
    wanted = sorted(filter(is_name, names))
    for start in range(0, len(wanted), _CHUNK):
        rows = connection.execute(
            HOLD_CATALOGS if hold else READ_CATALOGS,
            {"of_workspace": workspace_id, "wanted": wanted[start : start + _CHUNK]},
        )
        for row in rows.all():
            found[row.name] = catalog_of(row)
    return found


def read_catalog(connection: Connection, *, workspace_id: WorkspaceId, name: str) -> Catalog:
    """Give a catalog by its name.

    Raises:
        NotFound: the workspace has no such catalog.
    """
    found = read_catalogs(connection, workspace_id=workspace_id, names=[name])
    if name not in found:
        raise _not_found(name)
    return found[name]


def lock_catalog(
    connection: Connection, *, workspace_id: WorkspaceId, name: str, to_delete: bool = False
) -> Any:
    """Give a catalog's row, which nobody else changes before the transaction ends.

    Raises:
        NotFound: the workspace has no such catalog.
    """
    asked = {"of_workspace": workspace_id, "named": name}
    lock = LOCK_TO_DELETE if to_delete else LOCK_CATALOG
    row = connection.execute(lock, asked).one_or_none() if is_name(name) else None
    if row is None:
        raise _not_found(name)
    return row


def add_fields(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    name: str,
    fields: Sequence[JsonObject],
    now: datetime,
) -> None:
    """Add fields to a catalog; its items have no values for them.

    Args:
        connection: a transaction that may write.
        workspace_id: whose catalog it is.
        name: the catalog's.
        fields: ``{"name", "type"}`` each.
        now: the time to note.

    Raises:
        NotFound: the workspace has no such catalog.
        InvalidRequest: a field is not of the form above, or there are too many.
    """
    row = lock_catalog(connection, workspace_id=workspace_id, name=name)
    check_added_fields(fields, known=[field["name"] for field in row.fields])
    edition = row.edition + 1
    added = [{"name": field["name"], "type": field["type"], "since": edition} for field in fields]
    _change_fields(connection, row.id, [*row.fields, *added], now=now)


def remove_field(
    connection: Connection, *, workspace_id: WorkspaceId, name: str, field: str, now: datetime
) -> None:
    """Remove a field from a catalog, and with it the values that its items have for it.

    From then on nobody sees them; a row of an item loses them when it is next written.

    Raises:
        NotFound: the workspace has no such catalog, or it no such field beside ``id``.
        InvalidRequest: a selection uses the field.
    """
    row = lock_catalog(connection, workspace_id=workspace_id, name=name)
    if field not in {held["name"] for held in row.fields[1:]}:
        raise NotFound(
            f"{field!r:.80} is no field of {name!r} that can be removed.",
            rule="invalid_field_name",
        )
    for selection in connection.execute(READ_FILTERS, {"of_catalog": row.id}).all():
        asked = selection.document
        if field in {asked.get("sort_field"), *(held["field"] for held in asked["filters"])}:
            raise InvalidRequest(
                f"The selection {selection.name!r} uses the field {field!r}.",
                hint="Delete the selection first.",
                rule="field_referenced_by_selection",
            )
    kept = [held for held in row.fields if held["name"] != field]
    _change_fields(connection, row.id, kept, now=now)


def delete_catalog(
    connection: Connection, *, workspace_id: WorkspaceId, name: str, now: datetime
) -> None:
    """Delete a catalog with its selections; its items are gone with it, and their rows soon after.

    Raises:
        NotFound: the workspace has no such catalog.
    """
    row = lock_catalog(connection, workspace_id=workspace_id, name=name, to_delete=True)
    connection.execute(DELETE_SELECTIONS, {"of_catalog": row.id})
    connection.execute(DELETE_CATALOG, {"of_catalog": row.id})
    connection.execute(
        NOTE_DELETED, {"id": row.id, "workspace_id": workspace_id, "deleted_at": to_text(now)}
    )


def count_items(connection: Connection, *, more: dict[CatalogId, int], at: str) -> None:
    """Note that items of these catalogs have changed, and by how many there are more."""
    COUNT_ITEMS.run(connection, [(count, at, of) for of, count in sorted(more.items())])


def catalog_of(row: Any) -> Catalog:
    """Make a catalog of its row."""
    return Catalog(
        id=CatalogId(row.id),
        name=row.name,
        schema={field["name"]: FieldType(field["type"]) for field in row.fields[1:]},
        edition=row.edition,
        since={field["name"]: field["since"] for field in row.fields if "since" in field},
        filtered=frozenset(row.filtered),
    )


def _change_fields(
    connection: Connection, catalog_id: CatalogId, fields: Sequence[JsonObject], *, now: datetime
) -> None:
    connection.execute(
        CHANGE_FIELDS, {"of_catalog": catalog_id, "to_fields": list(fields), "at": to_text(now)}
    )


def _not_found(name: str) -> NotFound:
    return NotFound(
        f"Could not find catalog {name!r:.80}.",
        hint="GET /catalogs lists the catalogs, POST /catalogs creates one.",
        rule="catalog_not_found",
    )
