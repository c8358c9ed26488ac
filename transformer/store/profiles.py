"""Profiles and their aliases: the writer's bulk statements, and the reading side of the API.

The document of a profile holds everything but its identifiers: ``fields`` (reserved profile
fields), ``custom_attributes``, ``custom_events`` and ``purchases`` (name → first, last, count),
``total_revenue``, and ``order``, which tells apart profiles that were updated at the same moment.
What may stand in them is decided in ``writer/``.
"""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Row,
    Select,
    bindparam,
    insert,
    select,
    union_all,
    update,
)

from transformer.ids import ProfileId, WorkspaceId
from transformer.operation import JsonObject
from transformer.store.bulk import Bulk
from transformer.store.indexes import unindexed
from transformer.store.tables import aliases, deprecated_external_ids, profiles

# SQLite takes 32,766 parameters a statement; statements of one size are compiled once.
_CHUNK = 500

ProfileRow: TypeAlias = Row[str, str | None, str | None, str | None, JsonObject, str, str]
Alias: TypeAlias = tuple[str, str]
"""(label, name)"""

PROFILE_COLUMNS = (
    profiles.c.id,
    profiles.c.external_id,
    profiles.c.email,
    profiles.c.phone,
    profiles.c.document,
    profiles.c.created_at,
    profiles.c.updated_at,
)


def _profiles_by(column: Any, *, of: Any = profiles.c.workspace_id) -> Select[Any]:
    return select(*PROFILE_COLUMNS).where(
        of == bindparam("of_workspace"),
        column.in_(bindparam("wanted", expanding=True)),
    )


PROFILES_BY_ID = _profiles_by(profiles.c.id, of=unindexed(profiles.c.workspace_id))
PROFILES_BY_EXTERNAL_ID = _profiles_by(profiles.c.external_id)
PROFILES_BY_EMAIL = _profiles_by(profiles.c.email)
PROFILES_BY_PHONE = _profiles_by(profiles.c.phone)

# SQLite uses no index for pairs, so aliases are looked up label by label.
ALIASES_BY_NAME = select(aliases.c.alias_name, aliases.c.profile_id).where(
    aliases.c.workspace_id == bindparam("of_workspace"),
    aliases.c.alias_label == bindparam("of_label"),
    aliases.c.alias_name.in_(bindparam("wanted", expanding=True)),
)
ALIASES_BY_PROFILE = (
    select(aliases.c.profile_id, aliases.c.alias_label, aliases.c.alias_name)
    .where(
        unindexed(aliases.c.workspace_id) == bindparam("of_workspace"),
        aliases.c.profile_id.in_(bindparam("wanted", expanding=True)),
    )
    .order_by(aliases.c.alias_label, aliases.c.alias_name)
)

INSERT_PROFILE = Bulk(insert(profiles), [column.name for column in profiles.c])
INSERT_ALIAS = Bulk(insert(aliases), [column.name for column in aliases.c])
# Two updates, because naming an indexed column rewrites its index even where the value is the same.
_UPDATE = update(profiles).where(profiles.c.id == bindparam("of_profile"))
UPDATE_DOCUMENT = Bulk(
    _UPDATE.values(document=bindparam("document"), updated_at=bindparam("updated_at")),
    ["document", "updated_at", "of_profile"],
)
UPDATE_PROFILE = Bulk(
    _UPDATE.values(
        email=bindparam("email"),
        phone=bindparam("phone"),
        document=bindparam("document"),
        updated_at=bindparam("updated_at"),
    ),
    ["email", "phone", "document", "updated_at", "of_profile"],
)


def read_profiles(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    ids: Iterable[str] = (),
    external_ids: Iterable[str] = (),
    emails: Iterable[str] = (),
    phones: Iterable[str] = (),
) -> Iterator[ProfileRow]:
    """Give every profile that has one of these identifiers, some of them more than once."""
    for statement, wanted in (
        (PROFILES_BY_ID, ids),
        (PROFILES_BY_EXTERNAL_ID, external_ids),
        (PROFILES_BY_EMAIL, emails),
        (PROFILES_BY_PHONE, phones),
    ):
        for chunk in chunks(wanted):
            yield from connection.execute(
                statement, {"of_workspace": workspace_id, "wanted": chunk}
            ).all()


def read_aliases(
    connection: Connection, *, workspace_id: WorkspaceId, wanted: Iterable[Alias]
) -> dict[Alias, ProfileId]:
    """Say which profiles these aliases belong to; an unknown alias is left out."""
    found: dict[Alias, ProfileId] = {}
    names: dict[str, list[str]] = {}
    for label, name in wanted:
        names.setdefault(label, []).append(name)
    for label, of_label in names.items():
        of = {"of_workspace": workspace_id, "of_label": label}
        for chunk in chunks(of_label):
            rows = connection.execute(ALIASES_BY_NAME, of | {"wanted": chunk}).all()
            found |= {(label, name): ProfileId(owner) for name, owner in rows}
    return found


def find_profiles(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    braze_id: str | None = None,
    external_id: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    alias_label: str | None = None,
    alias_name: str | None = None,
) -> list[JsonObject]:
    """Find the profiles that have all the given identifiers, in the shape of Braze's user export.

    Empty fields are left out. The most recently updated profile comes first; without any
    identifier nothing is found. An external id that was renamed finds its profile still.
    """
    given = {"email": email, "phone": phone}
    conditions = [profiles.c[name] == value for name, value in given.items() if value is not None]
    if braze_id is not None:
        conditions.append(profiles.c.id == braze_id)
    if external_id is not None:
        conditions.append(profiles.c.id.in_(_ids_by_external_id(workspace_id, external_id)))
    if alias_label is not None and alias_name is not None:
        conditions.append(
            profiles.c.id.in_(
                select(aliases.c.profile_id).where(
                    aliases.c.workspace_id == workspace_id,
                    aliases.c.alias_label == alias_label,
                    aliases.c.alias_name == alias_name,
                )
            )
        )
    texts = (braze_id, external_id, email, phone, alias_label, alias_name)
    if not conditions or any("\x00" in text for text in texts if text):
        return []
    workspace = profiles.c.workspace_id
    by_id = external_id is not None or alias_label is not None
    rows = connection.execute(
        select(*PROFILE_COLUMNS)
        .where((unindexed(workspace) if by_id else workspace) == workspace_id, *conditions)
        .order_by(profiles.c.updated_at.desc(), profiles.c.id.desc())
    ).all()
    named = aliases_of(connection, workspace_id=workspace_id, ids=[row[0] for row in rows])
    return [_exported(row, named.get(row[0], [])) for row in rows]


def _ids_by_external_id(workspace_id: WorkspaceId, external_id: str) -> CompoundSelect[Any]:
    """Look in two indexes: with an OR between them, both databases read every profile there is."""
    return union_all(
        select(profiles.c.id).where(
            profiles.c.workspace_id == workspace_id, profiles.c.external_id == external_id
        ),
        select(deprecated_external_ids.c.profile_id).where(
            deprecated_external_ids.c.workspace_id == workspace_id,
            deprecated_external_ids.c.external_id == external_id,
        ),
    )


def aliases_of(
    connection: Connection, *, workspace_id: WorkspaceId, ids: Iterable[str]
) -> dict[str, list[JsonObject]]:
    """Give the aliases of these profiles by label and name; who has none is left out."""
    named: dict[str, list[JsonObject]] = {}
    for chunk in chunks(ids):
        rows = connection.execute(
            ALIASES_BY_PROFILE, {"of_workspace": workspace_id, "wanted": chunk}
        ).all()
        for owner, label, name in rows:
            named.setdefault(owner, []).append({"alias_name": name, "alias_label": label})
    return named


def _exported(row: ProfileRow, named: list[JsonObject]) -> JsonObject:
    profile_id, external_id, email, phone, document, created_at, updated_at = row
    fields = dict(document.get("fields", {}))
    location = fields.pop("current_location", None)
    exported = {
        "external_id": external_id,
        "user_aliases": named,
        "braze_id": profile_id,
        "created_at": created_at,
        "updated_at": updated_at,
        "email": email,
        "phone": phone,
        **fields,
        "last_coordinates": [location["longitude"], location["latitude"]] if location else None,
        "custom_attributes": document.get("custom_attributes"),
        "custom_events": _summaries(document.get("custom_events", {})),
        "purchases": _summaries(document.get("purchases", {})),
        "total_revenue": document.get("total_revenue"),
    }
    return {name: value for name, value in exported.items() if value not in (None, [], {})}


def _summaries(by_name: JsonObject) -> list[JsonObject]:
    return [{"name": name, **by_name[name]} for name in sorted(by_name)]


def chunks(wanted: Iterable[Any]) -> Iterator[list[Any]]:
    """Cut what is looked for into lists that one statement takes."""
    values = list(wanted)
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
