"""Items of catalogs: the writer changes them, everybody reads them, the sweeper removes what is left.

Whoever reads a document sees the fields of its catalog alone (``Catalog.visible``).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, delete, select

from transformer.catalog import Catalog, ItemKey
from transformer.ids import CatalogId, WorkspaceId
from transformer.operation import JsonObject
from transformer.store.bulk import Bulk
from transformer.store.catalogs import read_catalog
from transformer.store.tables import catalog_items, deleted_catalogs
from transformer.store.upserts import Upsert
from transformer.trail import Trail

_CHUNK = 500

_ITEMS = catalog_items.c
READ_PAGE = (
    select(_ITEMS.item_id, _ITEMS.document, _ITEMS.edition)
    .where(_ITEMS.catalog_id == bindparam("of_catalog"), _ITEMS.item_id > bindparam("after"))
    .order_by(_ITEMS.item_id)
    .limit(bindparam("at_most", type_=Integer))
)
READ_PAGE_BEFORE = (
    select(_ITEMS.item_id, _ITEMS.document, _ITEMS.edition)
    .where(_ITEMS.catalog_id == bindparam("of_catalog"), _ITEMS.item_id < bindparam("before"))
    .order_by(_ITEMS.item_id.desc())
    .limit(bindparam("at_most", type_=Integer))
)
READ_ITEMS = select(_ITEMS.item_id, _ITEMS.document, _ITEMS.edition, _ITEMS.trail).where(
    _ITEMS.catalog_id == bindparam("of_catalog"),
    _ITEMS.item_id.in_(bindparam("wanted", expanding=True)),
)
SAVE_ITEM = Bulk(
    Upsert(
        catalog_items,
        key=["catalog_id", "item_id"],
        changing=["document", "edition", "updated_at", "trail"],
    ),
    [column.name for column in _ITEMS],
)
DELETE_ITEM = Bulk(
    delete(catalog_items).where(
        _ITEMS.catalog_id == bindparam("of_catalog"), _ITEMS.item_id == bindparam("of_item")
    ),
    ["of_catalog", "of_item"],
)
LIST_DELETED = select(deleted_catalogs.c.id, deleted_catalogs.c.workspace_id).order_by(
    deleted_catalogs.c.deleted_at
)
# On PostgreSQL: what a second scheduler is sweeping is left to it.
LOCK_DELETED = (
    select(deleted_catalogs.c.id)
    .where(deleted_catalogs.c.id == bindparam("of_catalog"))
    .with_for_update(skip_locked=True)
)
FORGET_DELETED = delete(deleted_catalogs).where(deleted_catalogs.c.id == bindparam("of_catalog"))
SWEPT_IDS = (
    select(_ITEMS.item_id)
    .where(_ITEMS.catalog_id == bindparam("of_catalog"))
    .limit(bindparam("at_most", type_=Integer))
)


def read_items(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    catalog_name: str,
    after: str | None,
    limit: int,
) -> list[JsonObject]:
    """Give up to ``limit`` items of a catalog in the order of their ids, from behind ``after``.

    Raises:
        NotFound: the workspace has no such catalog.
    """
    catalog = read_catalog(connection, workspace_id=workspace_id, name=catalog_name)
    return read_page(connection, catalog=catalog, after=after or "", limit=limit)


def read_page(
    connection: Connection, *, catalog: Catalog, after: str, limit: int
) -> list[JsonObject]:
    """Give up to ``limit`` items of a catalog in the order of their ids, from behind ``after``."""
    asked = {"of_catalog": catalog.id, "after": after, "at_most": limit}
    return [item_of(row, catalog) for row in connection.execute(READ_PAGE, asked).all()]


def read_page_before(
    connection: Connection, *, catalog: Catalog, before: str, limit: int
) -> list[JsonObject]:
    """Give the last ``limit`` items of a catalog whose ids come before ``before``, in order."""
    asked = {"of_catalog": catalog.id, "before": before, "at_most": limit}
    rows = connection.execute(READ_PAGE_BEFORE, asked).all()
    return [item_of(row, catalog) for row in reversed(rows)]


def read_documents(
    connection: Connection, *, catalogs: Mapping[str, Catalog], keys: Iterable[ItemKey]
) -> dict[ItemKey, JsonObject]:
    """Give the documents of these items, as :func:`read_stored` does."""
    stored = read_stored(connection, catalogs=catalogs, keys=keys)
    return {key: document for key, (document, _) in stored.items()}


def read_stored(
    connection: Connection, *, catalogs: Mapping[str, Catalog], keys: Iterable[ItemKey]
) -> dict[ItemKey, tuple[JsonObject, Trail]]:
    """Give the documents and trails of these items; an unknown one is left out.

    Args:
        connection: a transaction.
        catalogs: by name; every catalog that a key names is among them.
        keys: which items.
    """
    by_catalog: dict[str, list[str]] = {}
    for catalog_name, item_id in keys:
        by_catalog.setdefault(catalog_name, []).append(item_id)
    found: dict[ItemKey, tuple[JsonObject, Trail]] = {}
    for catalog_name, item_ids in by_catalog.items():
        catalog = catalogs[catalog_name]
        for start in range(0, len(item_ids), _CHUNK):
            wanted = item_ids[start : start + _CHUNK]
            rows = connection.execute(READ_ITEMS, {"of_catalog": catalog.id, "wanted": wanted})
            for item_id, document, edition, trail in rows.all():
                visible = catalog.visible(document, edition=edition)
                found[catalog_name, item_id] = (visible, Trail(**(trail or {})))
    return found


def item_of(row: Any, catalog: Catalog) -> JsonObject:
    """Make an item of its row."""
    return {"id": row.item_id, **catalog.visible(row.document, edition=row.edition)}


def list_deleted(connection: Connection) -> list[tuple[CatalogId, WorkspaceId]]:
    """List the deleted catalogs that may still have items, and whose they were."""
    rows = connection.execute(LIST_DELETED).all()
    return [(CatalogId(of), WorkspaceId(workspace_id)) for of, workspace_id in rows]


def sweep_items(connection: Connection, catalog_id: CatalogId, *, limit: int) -> int | None:
    """Remove up to ``limit`` items of a deleted catalog.

    No new ones come: whoever writes items holds their catalog, and this one is no more.

    Returns:
        How many were removed; 0: there were none left. None: somebody else removes them, or has.
    """
    asked = {"of_catalog": catalog_id}
    if connection.execute(LOCK_DELETED, asked).one_or_none() is None:
        return None
    wanted = connection.execute(SWEPT_IDS, asked | {"at_most": limit}).scalars()
    rows = [(catalog_id, item_id) for item_id in wanted.all()]
    DELETE_ITEM.run(connection, rows)
    if not rows:
        connection.execute(FORGET_DELETED, asked)
    return len(rows)
