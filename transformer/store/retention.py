"""How much of each workspace's delivery log is kept, and the removal of the rest.

A log is pruned by events, the oldest first, each with all its deliveries. Its size is counted as it
is written and removed (``log_counts``): summing up millions of rows would take minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, case, delete, func, select

from transformer.clock import to_text
from transformer.ids import WorkspaceId
from transformer.store.bulk import Bulk
from transformer.store.outbox import forget_deliveries
from transformer.store.tables import (
    catalogs,
    deliveries,
    events,
    log_counts,
    profiles,
    retentions,
)
from transformer.store.upserts import Upsert

_MB = 1_048_576
_WRITTEN = "written"
_REMOVED = "removed"

_COUNT = Upsert(log_counts, key=["workspace_id", "kind"], adding=["deliveries", "bytes"])
COUNT = Bulk(_COUNT, [column.name for column in log_counts.c])
SAVE_RETENTION = Upsert(retentions, key=["workspace_id"], changing=["days", "max_mb"])
READ_RETENTION = select(retentions.c.days, retentions.c.max_mb).where(
    retentions.c.workspace_id == bindparam("of_workspace")
)
_SIGN = case((log_counts.c.kind == _WRITTEN, 1), else_=-1)
_BYTES = func.sum(_SIGN * log_counts.c.bytes)
_DELIVERIES = func.sum(_SIGN * log_counts.c.deliveries)
SIZES = (
    select(
        log_counts.c.workspace_id,
        _BYTES.label("bytes"),
        func.max(retentions.c.days).label("days"),
        func.max(retentions.c.max_mb).label("max_mb"),
    )
    .outerjoin(retentions, retentions.c.workspace_id == log_counts.c.workspace_id)
    .group_by(log_counts.c.workspace_id)
    .order_by(log_counts.c.workspace_id)
)
SIZE = select(_DELIVERIES, _BYTES).where(log_counts.c.workspace_id == bindparam("of_workspace"))
OLDEST = (
    select(events.c.accepted_at)
    .where(events.c.workspace_id == bindparam("of_workspace"))
    .order_by(events.c.accepted_at)
    .limit(1)
)
OLDEST_EVENTS = (
    select(
        events.c.id,
        events.c.accepted_at,
        select(func.coalesce(func.sum(deliveries.c.bytes), 0))
        .where(deliveries.c.event_id == events.c.id)
        .scalar_subquery()
        .label("bytes"),
    )
    .where(events.c.workspace_id == bindparam("of_workspace"))
    .order_by(events.c.accepted_at)
    .limit(bindparam("at_most", type_=Integer))
    # On PostgreSQL: what a second scheduler removes, or the writer holds, is left to them.
    .with_for_update(skip_locked=True, of=events)
)
DELETE_EVENTS = delete(events).where(events.c.id.in_(bindparam("wanted", expanding=True)))
DELETE_DELIVERIES = (
    delete(deliveries)
    .where(deliveries.c.event_id.in_(bindparam("wanted", expanding=True)))
    .returning(deliveries.c.id, deliveries.c.bytes)
)
COUNT_PROFILES = select(func.count()).where(profiles.c.workspace_id == bindparam("of_workspace"))
SUM_ITEMS = select(func.coalesce(func.sum(catalogs.c.num_items), 0)).where(
    catalogs.c.workspace_id == bindparam("of_workspace")
)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long and how large a log is kept; None: what the settings say, 0 MB: any size."""

    days: int | None
    max_mb: int | None


@dataclass(frozen=True, slots=True)
class Overdue:
    """A workspace whose log holds too much: what is older, and so many bytes of the oldest."""

    workspace_id: WorkspaceId
    before: str
    excess_bytes: int


@dataclass(frozen=True, slots=True)
class Removed:
    """What a step removed; no event: nothing was left to remove."""

    events: int = 0
    deliveries: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class LogSize:
    """What a workspace's log holds, and the bound of its size; 0: none."""

    workspace_id: WorkspaceId
    bytes: int
    max_bytes: int


def read_retention(connection: Connection, *, workspace_id: WorkspaceId) -> Retention:
    """Give what a workspace chose for itself."""
    row = connection.execute(READ_RETENTION, {"of_workspace": workspace_id}).one_or_none()
    return Retention(None, None) if row is None else Retention(*row)


def save_retention(
    connection: Connection, *, workspace_id: WorkspaceId, retention: Retention
) -> None:
    """Keep what a workspace chose; in force at the pruner's next look."""
    connection.execute(
        SAVE_RETENTION.on(connection),
        {"workspace_id": workspace_id, "days": retention.days, "max_mb": retention.max_mb},
    )


def count_written(
    connection: Connection, *, workspace_id: WorkspaceId, sizes: Sequence[int]
) -> None:
    """Count deliveries that the writer appends in this transaction, by their bytes."""
    if sizes:
        COUNT.run(connection, [(workspace_id, _WRITTEN, len(sizes), sum(sizes))])


def read_sizes(connection: Connection, *, max_mb: int) -> list[LogSize]:
    """Give the size and the bound of each workspace's log; ``max_mb`` where it chose none."""
    return [_size_of(row, max_mb) for row in connection.execute(SIZES)]


def list_overdue(connection: Connection, *, now: datetime, days: int, max_mb: int) -> list[Overdue]:
    """List the workspaces whose log is too old or too large.

    Args:
        connection: a transaction that may only read.
        now: what the age is counted from.
        days: the age where a workspace chose none.
        max_mb: the size where a workspace chose none; 0: any.
    """
    overdue = []
    for row in connection.execute(SIZES).all():
        size = _size_of(row, max_mb)
        before = to_text(now - timedelta(days=days if row.days is None else row.days))
        excess = max(0, size.bytes - size.max_bytes) if size.max_bytes else 0
        oldest = connection.scalar(OLDEST, {"of_workspace": size.workspace_id})
        if oldest is not None and (excess or oldest < before):
            overdue.append(Overdue(size.workspace_id, before, excess))
    return overdue


def remove_oldest(connection: Connection, overdue: Overdue, *, limit: int) -> Removed:
    """Remove up to ``limit`` events that are too old or too much, and their deliveries."""
    found = connection.execute(
        OLDEST_EVENTS, {"of_workspace": overdue.workspace_id, "at_most": limit}
    ).all()
    freed = 0

    def is_due(event: Any) -> bool:
        nonlocal freed
        due = event.accepted_at < overdue.before or freed < overdue.excess_bytes
        freed += event.bytes
        return bool(due)

    wanted = {"wanted": [event.id for event in takewhile(is_due, found)]}
    if not wanted["wanted"]:
        return Removed()
    removed = connection.execute(DELETE_DELIVERIES, wanted).all()
    forget_deliveries(connection, [row.id for row in removed])
    sizes = [row.bytes for row in removed]
    connection.execute(DELETE_EVENTS, wanted)
    row = (overdue.workspace_id, _REMOVED, len(sizes), sum(sizes))
    COUNT.run(connection, [row])
    return Removed(len(wanted["wanted"]), len(sizes), sum(sizes))


def read_usage(connection: Connection, *, workspace_id: WorkspaceId) -> dict[str, Any]:
    """Say what a workspace holds: deliveries, bytes, oldest accepted_at, profiles, catalog_items."""
    wanted = {"of_workspace": workspace_id}
    logged, size = connection.execute(SIZE, wanted).one()
    return {
        "deliveries": int(logged or 0),
        "bytes": int(size or 0),
        "oldest_accepted_at": connection.scalar(OLDEST, wanted),
        "profiles": connection.scalar(COUNT_PROFILES, wanted),
        "catalog_items": int(connection.scalar(SUM_ITEMS, wanted) or 0),
    }


def _size_of(row: Any, max_mb: int) -> LogSize:
    bound = max_mb if row.max_mb is None else row.max_mb
    return LogSize(WorkspaceId(row.workspace_id), int(row.bytes), bound * _MB)
