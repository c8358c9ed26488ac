"""Who set what, read back: trails as rows keep them, and what the delivery log knows of who is named.

A trail outlives the log: of a delivery that was removed its id is left, and in it the time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from transformer.clock import to_text
from transformer.errors import NotFound
from transformer.ids import DeliveryId, ProfileId, WorkspaceId
from transformer.operation import JsonObject, Operation, operations_of
from transformer.store.catalogs import read_catalog
from transformer.store.tables import (
    api_keys,
    catalog_items,
    deliveries,
    events,
    profiles,
    revisions,
    sources,
    transformations,
)
from transformer.trail import (
    FIELD,
    PREFIXES,
    Trail,
    entries_with_earlier,
    latest,
    part_and_name,
    setters,
)

_TIME_DIGITS = 12
# Each of them holds about 24 deliveries; with many others between them, fewer with events.
_MOST_LOOKED_AT = 60
READ_PROFILE = select(
    profiles.c.external_id, profiles.c.email, profiles.c.phone, profiles.c.document
).where(
    profiles.c.id == bindparam("of_profile"), profiles.c.workspace_id == bindparam("of_workspace")
)
READ_ITEM = select(catalog_items.c.document, catalog_items.c.edition, catalog_items.c.trail).where(
    catalog_items.c.catalog_id == bindparam("of_catalog"),
    catalog_items.c.item_id == bindparam("of_item"),
)


def _of_deliveries(*more: Any) -> Select[Any]:
    return (
        select(
            deliveries.c.id,
            deliveries.c.event_id,
            deliveries.c.accepted_at,
            deliveries.c.applied_at,
            deliveries.c.replay_of,
            deliveries.c.transformation_id,
            transformations.c.name.label("transformation"),
            deliveries.c.revision_id,
            revisions.c.number.label("revision"),
            events.c.source_id,
            sources.c.name.label("source"),
            api_keys.c.name.label("api_key"),
            *more,
        )
        .outerjoin(transformations, transformations.c.id == deliveries.c.transformation_id)
        .outerjoin(revisions, revisions.c.id == deliveries.c.revision_id)
        .outerjoin(events, events.c.id == deliveries.c.event_id)
        .outerjoin(sources, sources.c.id == events.c.source_id)
        .outerjoin(api_keys, api_keys.c.id == events.c.source_id)
        .where(
            deliveries.c.id.in_(bindparam("wanted", expanding=True)),
            deliveries.c.workspace_id == bindparam("of_workspace"),
        )
    )


READ_ORIGINS = _of_deliveries()
READ_ENTRIES = _of_deliveries(deliveries.c.report)
READ_REPORT = select(deliveries.c.report).where(
    deliveries.c.id == bindparam("of_delivery"),
    deliveries.c.workspace_id == bindparam("of_workspace"),
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A profile or a catalog item: the keys of its values, its trail, and its name in the log's records."""

    keys: list[str]
    trail: Trail
    named: Mapping[str, Sequence[str]]

    def by_key(self) -> dict[str, DeliveryId]:
        """Say which delivery set each value; what is not known is left out."""
        return setters(self.trail, self.keys)

    def setters(self) -> JsonObject:
        """Say which delivery set each value, in the shape of the export; what is not known is left out."""
        found: JsonObject = {}
        for key, id_ in self.by_key().items():
            part, name = part_and_name(key)
            if part == "fields":
                found[name] = id_
            else:
                found.setdefault(part, {})[name] = id_
        return found


@dataclass(frozen=True, slots=True)
class Entry:
    """What a delivery did to a subject, as far as the log has it still."""

    origin: JsonObject
    record: JsonObject | None
    operations: list[Operation]


def profile_subject(
    connection: Connection, *, workspace_id: WorkspaceId, profile_id: ProfileId
) -> Subject:
    """Read a profile's trail.

    Raises:
        NotFound: the workspace has no such profile.
    """
    row = connection.execute(
        READ_PROFILE, {"of_profile": profile_id, "of_workspace": workspace_id}
    ).one_or_none()
    if row is None:
        raise NotFound(
            f"There is no profile {profile_id} in this workspace.",
            hint="GET /api/profiles finds profiles by their identifiers; their braze_id is meant.",
        )
    external_id, email, phone, document = row
    identifiers = {"external_id": external_id, "email": email, "phone": phone}
    return _profile(profile_id, identifiers, document)


def item_subject(
    connection: Connection, *, workspace_id: WorkspaceId, catalog_name: str, item_id: str
) -> Subject:
    """Read a catalog item's trail.

    Raises:
        NotFound: the workspace has no such catalog, or that no such item.
    """
    catalog = read_catalog(connection, workspace_id=workspace_id, name=catalog_name)
    row = connection.execute(
        READ_ITEM, {"of_catalog": catalog.id, "of_item": item_id}
    ).one_or_none()
    if row is None:
        raise NotFound(f"Could not find item {item_id!r} in catalog {catalog_name!r}.")
    document = catalog.visible(row.document, edition=row.edition)
    keys = [FIELD + name for name in document]
    named = {"catalog_name": [catalog_name], "item_id": [item_id]}
    return Subject(keys, Trail(**(row.trail or {})), named)


def read_origins(
    connection: Connection, *, workspace_id: WorkspaceId, ids: Iterable[DeliveryId]
) -> dict[str, JsonObject]:
    """Say where deliveries came from: the source, the code and its revision, or the API key."""
    wanted = sorted(set(ids))
    rows = _read(connection, READ_ORIGINS, workspace_id, wanted)
    return {id_: _origin(id_, rows.get(id_)) for id_ in wanted}


def read_entries(
    connection: Connection,
    subject: Subject,
    *,
    workspace_id: WorkspaceId,
    limit: int,
    eventful_only: bool = False,
) -> list[Entry]:
    """Give the last deliveries that changed a subject, the one that was applied last first.

    Args:
        connection: a transaction that may only read.
        subject: whose.
        workspace_id: whose workspace.
        limit: how many at most.
        eventful_only: only those that brought events or purchases.
    """
    earlier = _read_earlier(
        connection, subject, workspace_id=workspace_id, limit=limit, eventful_only=eventful_only
    )
    ids = latest(subject.trail.deliveries, earlier, eventful_only=eventful_only)[:limit]
    rows = _read(connection, READ_ENTRIES, workspace_id, ids)
    return [_entry(id_, rows.get(id_), subject) for id_ in ids]


def _read_earlier(
    connection: Connection,
    subject: Subject,
    *,
    workspace_id: WorkspaceId,
    limit: int,
    eventful_only: bool,
) -> list[str]:
    """Give what left the trail last: at least ``limit`` deliveries, or all that the log still has.

    A trail keeps old ones as well, so that many of what left it are needed, not so many in all.
    """
    found: list[str] = []
    waiting = set(entries_with_earlier(subject.trail.earlier))
    looked_at: set[DeliveryId] = set()
    while waiting and len(looked_at) < _MOST_LOOKED_AT:
        if len(latest("", found, eventful_only=eventful_only)) >= limit:
            break
        at = max(waiting)
        looked_at.add(at)
        given = {"of_delivery": at, "of_workspace": workspace_id}
        report = connection.scalar(READ_REPORT, given) or {}
        for record in _records(report, subject):
            if "earlier" in record:
                deliveries_gone, before = record["earlier"]
                found.append(deliveries_gone)
                waiting.update(entries_with_earlier(before))
        waiting -= looked_at
    return found


def _profile(profile_id: str, identifiers: JsonObject, document: JsonObject) -> Subject:
    keys = [FIELD + name for name, value in identifiers.items() if value is not None]
    for part, prefix in PREFIXES.items():
        keys += [prefix + name for name in document.get(part, ())]
    if "total_revenue" in document:
        keys.append(f"{FIELD}total_revenue")
    trail = Trail(
        document.get("deliveries", ""), document.get("places", {}), document.get("earlier", "")
    )
    return Subject(keys, trail, {"profile_id": [profile_id, *document.get("merged", ())]})


def _read(
    connection: Connection,
    statement: Select[Any],
    workspace_id: WorkspaceId,
    ids: Iterable[DeliveryId],
) -> dict[str, Row[Any]]:
    wanted = list(ids)
    rows: dict[str, Row[Any]] = {}
    for start in range(0, len(wanted), _CHUNK):
        given = {"of_workspace": workspace_id, "wanted": wanted[start : start + _CHUNK]}
        rows |= {row.id: row for row in connection.execute(statement, given)}
    return rows


_CHUNK = 500


def _entry(id_: DeliveryId, row: Row[Any] | None, subject: Subject) -> Entry:
    if row is None:
        return Entry(_origin(id_, None), None, [])
    report = row.report
    record = next(_records(report, subject), None)
    return Entry(_origin(id_, row), record, operations_of(report["output"], report["operations"]))


def _records(report: JsonObject, subject: Subject) -> Iterator[JsonObject]:
    """Give what a delivery did to a subject; to one that it merged it may be several records."""
    for record in report.get("changes", ()):
        if all(record.get(name) in values for name, values in subject.named.items()):
            yield record


def _origin(id_: DeliveryId, row: Row[Any] | None) -> JsonObject:
    made_at = datetime.fromtimestamp(int(id_[4 : 4 + _TIME_DIGITS], 16) / 1_000, UTC)
    if row is None:
        return {"delivery_id": id_, "at": to_text(made_at), "in_log": False}
    is_key = row.source_id is not None and row.source_id.startswith("key_")
    return {
        "delivery_id": id_,
        "at": row.applied_at,
        "in_log": True,
        "event_id": row.event_id,
        "accepted_at": row.accepted_at,
        "replay_of": row.replay_of,
        "source": None if is_key else _named(row.source_id, name=row.source),
        "api_key": _named(row.source_id, name=row.api_key) if is_key else None,
        "transformation": _named(row.transformation_id, name=row.transformation),
        "revision": _named(row.revision_id, number=row.revision),
    }


def _named(id_: str | None, **described: Any) -> JsonObject | None:
    return None if id_ is None else {"id": id_, **described}
