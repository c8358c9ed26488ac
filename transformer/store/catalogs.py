"""Catalogs and their items: schemas as the API makes them, items as the writer changes them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, TypeGuard

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from transformer.clock import to_text
from transformer.errors import Conflict, InvalidRequest, NotFound
from transformer.ids import WorkspaceId
from transformer.operation import JsonObject
from transformer.store.bulk import Bulk
from transformer.store.tables import catalog_items, catalogs
from transformer.store.upserts import Upsert

MAX_NAME_LENGTH = 250
MAX_DESCRIPTION_LENGTH = 250
MAX_FIELDS = 500
NAME = re.compile(r"[A-Za-z0-9_-]+")
_CHUNK = 500

ItemKey: TypeAlias = tuple[str, str]
"""(catalog name, item id)"""


class FieldType(StrEnum):
    """What a catalog's field holds."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    OBJECT = "object"
    ARRAY = "array"


Schema: TypeAlias = Mapping[str, FieldType]
"""The fields of a catalog but for ``id``."""

IS_CATALOG = select(
    exists().where(
        catalogs.c.workspace_id == bindparam("of_workspace"),
        catalogs.c.name == bindparam("named"),
    )
)
INSERT_CATALOG = insert(catalogs)
_COUNTED = (
    select(catalog_items.c.catalog_name, func.count().label("count"))
    .where(catalog_items.c.workspace_id == bindparam("of_workspace"))
    .group_by(catalog_items.c.catalog_name)
    .subquery()
)
LIST_CATALOGS = (
    select(catalogs, func.coalesce(_COUNTED.c.count, 0).label("num_items"))
    .outerjoin(_COUNTED, _COUNTED.c.catalog_name == catalogs.c.name)
    .where(catalogs.c.workspace_id == bindparam("of_workspace"))
    .order_by(catalogs.c.name)
)
READ_FIELDS = select(catalogs.c.name, catalogs.c.fields).where(
    catalogs.c.workspace_id == bindparam("of_workspace"),
    catalogs.c.name.in_(bindparam("wanted", expanding=True)),
)
TOUCH_CATALOGS = (
    update(catalogs)
    .where(
        catalogs.c.workspace_id == bindparam("of_workspace"),
        catalogs.c.name.in_(bindparam("wanted", expanding=True)),
    )
    .values(updated_at=bindparam("at"))
)
_ITEMS = catalog_items.c
READ_PAGE = (
    select(_ITEMS.item_id, _ITEMS.document)
    .where(
        _ITEMS.workspace_id == bindparam("of_workspace"),
        _ITEMS.catalog_name == bindparam("named"),
        _ITEMS.item_id > bindparam("after"),
    )
    .order_by(_ITEMS.item_id)
    .limit(bindparam("at_most"))
)
READ_ITEMS = select(_ITEMS.item_id, _ITEMS.document).where(
    _ITEMS.workspace_id == bindparam("of_workspace"),
    _ITEMS.catalog_name == bindparam("named"),
    _ITEMS.item_id.in_(bindparam("wanted", expanding=True)),
)
SAVE_ITEM = Bulk(
    Upsert(
        catalog_items,
        key=["workspace_id", "catalog_name", "item_id"],
        changing=["document", "updated_at"],
    ),
    [column.name for column in _ITEMS],
)
DELETE_ITEM = Bulk(
    delete(catalog_items).where(
        _ITEMS.workspace_id == bindparam("of_workspace"),
        _ITEMS.catalog_name == bindparam("named"),
        _ITEMS.item_id == bindparam("of_item"),
    ),
    ["of_workspace", "named", "of_item"],
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
    _check_name(name)
    if len(description) > MAX_DESCRIPTION_LENGTH:
        raise InvalidRequest(
            f"A catalog's description is a string of up to {MAX_DESCRIPTION_LENGTH} characters.",
            pointer="/description",
        )
    _check_fields(fields)
    at = to_text(now)
    row = {
        "workspace_id": workspace_id,
        "name": name,
        "description": description,
        "fields": [{"name": field["name"], "type": field["type"]} for field in fields],
        "created_at": at,
        "updated_at": at,
    }
    taken = Conflict(
        f"There is a catalog named {name!r} already.",
        hint="Choose another name, or write items into the one that is there.",
        pointer="/name",
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
            "fields": row.fields,
            "num_items": row.num_items,
            "created_at": row.created_at,
            "updated_at": row.updated_at,
        }
        for row in rows
    ]


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
    of_catalog = {"of_workspace": workspace_id, "named": catalog_name}
    if (
        not NAME.fullmatch(catalog_name)
        or not connection.execute(IS_CATALOG, of_catalog).scalar_one()
    ):
        raise NotFound(
            f"Could not find catalog {catalog_name!r}.",
            hint="GET /catalogs lists the catalogs, POST /catalogs creates one.",
        )
    rows = connection.execute(READ_PAGE, {**of_catalog, "after": after or "", "at_most": limit})
    return [{"id": item_id, **document} for item_id, document in rows.all()]


def read_schemas(
    connection: Connection, *, workspace_id: WorkspaceId, names: Iterable[str]
) -> dict[str, Schema]:
    """Give the schemas of these catalogs; an unknown one is left out."""
    schemas: dict[str, Schema] = {}
    wanted = sorted(names)
    for start in range(0, len(wanted), _CHUNK):
        rows = connection.execute(
            READ_FIELDS,
            {"of_workspace": workspace_id, "wanted": wanted[start : start + _CHUNK]},
        )
        for name, fields in rows.all():
            schemas[name] = {field["name"]: FieldType(field["type"]) for field in fields[1:]}
    return schemas


def read_documents(
    connection: Connection, *, workspace_id: WorkspaceId, keys: Iterable[ItemKey]
) -> dict[ItemKey, JsonObject]:
    """Give the documents of these items; an unknown one is left out."""
    by_catalog: dict[str, list[str]] = {}
    for catalog_name, item_id in keys:
        by_catalog.setdefault(catalog_name, []).append(item_id)
    documents: dict[ItemKey, JsonObject] = {}
    for catalog_name, item_ids in by_catalog.items():
        for start in range(0, len(item_ids), _CHUNK):
            rows = connection.execute(
                READ_ITEMS,
                {
                    "of_workspace": workspace_id,
                    "named": catalog_name,
                    "wanted": item_ids[start : start + _CHUNK],
                },
            )
            documents |= {(catalog_name, item_id): held for item_id, held in rows.all()}
    return documents


def touch_catalogs(
    connection: Connection, *, workspace_id: WorkspaceId, names: Iterable[str], at: str
) -> None:
    """Note that items of these catalogs have changed."""
    wanted = sorted(names)
    if wanted:
        connection.execute(
            TOUCH_CATALOGS, {"of_workspace": workspace_id, "wanted": wanted, "at": at}
        )


def is_item_id(value: object) -> TypeGuard[str]:
    """Say whether a value has the form of an item's id."""
    return (
        isinstance(value, str)
        and len(value) <= MAX_NAME_LENGTH
        and NAME.fullmatch(value) is not None
    )


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not NAME.fullmatch(name) or len(name) > MAX_NAME_LENGTH:
        raise InvalidRequest(
            f"A catalog's name has 1 to {MAX_NAME_LENGTH} letters, digits, _ and -; "
            f"{name!r:.80} was found.",
            pointer="/name",
        )


def _check_fields(fields: Sequence[JsonObject]) -> None:
    if not isinstance(fields, list | tuple) or not 1 <= len(fields) <= MAX_FIELDS:
        raise InvalidRequest(
            f"A catalog has 1 to {MAX_FIELDS} fields: objects with a name and a type.",
            pointer="/fields",
        )
    names: set[str] = set()
    for index, field in enumerate(fields):
        pointer = f"/fields/{index}"
        if not isinstance(field, dict):
            raise InvalidRequest("A field is an object with name and type.", pointer=pointer)
        name, kind = field.get("name"), field.get("type")
        if not isinstance(name, str) or not NAME.fullmatch(name) or len(name) > MAX_NAME_LENGTH:
            raise InvalidRequest(
                f"A field's name has 1 to {MAX_NAME_LENGTH} letters, digits, _ and -; "
                f"{name!r:.80} was found.",
                pointer=f"{pointer}/name",
            )
        if kind not in list(FieldType):
            raise InvalidRequest(
                f"A field's type is one of {', '.join(FieldType)}; {kind!r:.80} was found.",
                pointer=f"{pointer}/type",
            )
        if name in names:
            raise InvalidRequest(f"Two fields are named {name!r}.", pointer=f"{pointer}/name")
        names.add(name)
    first = fields[0]
    if (first["name"], first["type"]) != ("id", FieldType.STRING):
        raise InvalidRequest(
            "The first field of a catalog is id, of type string.",
            hint='Begin the fields with {"name": "id", "type": "string"}.',
            pointer="/fields/0",
        )
