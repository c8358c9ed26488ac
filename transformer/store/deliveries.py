"""Events and the delivery log: the writer appends, the console reads (retention.py removes)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson
from sqlalchemy import (
    Connection,
    String,
    bindparam,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from transformer.clock import from_text
from transformer.delivery import State
from transformer.errors import BodyUnreadable
from transformer.event import Event, payload_text
from transformer.ids import DeliveryId, EventId, SourceId, TransformationId, WorkspaceId
from transformer.operation import JsonObject, operation_key, operations_of
from transformer.store.bulk import Bulk, Parameters
from transformer.store.indexes import unindexed
from transformer.store.tables import deliveries, events
from transformer.store.upserts import Upsert
from transformer.trail import by_part

_CHUNK = 500

# What a record of changes keeps under keys of its own.
_OF_TRAILS = frozenset({"earlier", "set", "counted"})

OperationsOf: TypeAlias = tuple[EventId, TransformationId | None]
"""(event id, transformation id): with a position it is an operation's key."""


@dataclass(frozen=True, slots=True)
class Tried:
    """Where a delivery stands that may be tried again."""

    failed: bool
    attempt: int


# An event that runs through several transformations comes in several settlements.
INSERT_EVENT = Bulk(Upsert(events, key=["id"]), [column.name for column in events.c])
INSERT_DELIVERY = Bulk(insert(deliveries), [column.name for column in deliveries.c])
# What another attempt changes of its delivery, in the order of the row's values.
_OF_ATTEMPT = (
    "state",
    "error_code",
    "operation_count",
    "report",
    "duration_us",
    "applied_at",
    "attempt",
    "trigger",
    "unapplied_positions",
)
UPDATE_DELIVERY = Bulk(
    update(deliveries)
    .where(deliveries.c.id == bindparam("of_delivery"))
    .values({name: bindparam(f"new_{name}") for name in _OF_ATTEMPT}),
    [*(f"new_{name}" for name in _OF_ATTEMPT), "of_delivery"],
)
READ_APPLIED = select(
    deliveries.c.event_id,
    deliveries.c.transformation_id,
    deliveries.c.operation_count,
    deliveries.c.unapplied_positions,
).where(
    deliveries.c.event_id.in_(bindparam("wanted", expanding=True)),
    unindexed(deliveries.c.workspace_id) == bindparam("of_workspace"),
    deliveries.c.state == State.APPLIED.value,
)
READ_TRIED = select(deliveries.c.id, deliveries.c.state, deliveries.c.attempt).where(
    deliveries.c.id.in_(bindparam("wanted", expanding=True)),
    deliveries.c.workspace_id == bindparam("of_workspace"),
)
LOGGED = select(
    deliveries.c.id, deliveries.c.event_id, deliveries.c.transformation_id, deliveries.c.replay_of
).where(
    deliveries.c.event_id.in_(bindparam("wanted", expanding=True)),
    deliveries.c.workspace_id == bindparam("of_workspace"),
)
READ_EVENT = select(events).where(
    events.c.id == bindparam("of_event"), events.c.workspace_id == bindparam("of_workspace")
)
LIST_DELIVERIES = (
    select(deliveries, events.c.body, events.c.content_type, events.c.headers)
    .outerjoin(events, events.c.id == deliveries.c.event_id)
    .order_by(deliveries.c.id.desc())
)


def insert_events(connection: Connection, rows: Sequence[Parameters]) -> None:
    """Insert events, the values in the order of the table's columns; one that is there already stays."""
    INSERT_EVENT.run(connection, rows)


def insert_deliveries(connection: Connection, rows: Sequence[Parameters]) -> None:
    """Append to the delivery log; the values in the order of the table's columns."""
    INSERT_DELIVERY.run(connection, rows)


def update_deliveries(connection: Connection, rows: Sequence[Parameters]) -> None:
    """Write over deliveries what another attempt made of them; rows as :func:`insert_deliveries`."""
    at = [list(deliveries.c.keys()).index(name) for name in (*_OF_ATTEMPT, "id")]
    UPDATE_DELIVERY.run(connection, [tuple(row[place] for place in at) for row in rows])


def read_applied(
    connection: Connection, *, workspace_id: WorkspaceId, event_ids: Iterable[EventId]
) -> list[tuple[OperationsOf, int, str | None]]:
    """Give each applied delivery of these events: how many operations, and which were not applied."""
    found: list[tuple[OperationsOf, int, str | None]] = []
    wanted = sorted(set(event_ids))
    for start in range(0, len(wanted), _CHUNK):
        rows = connection.execute(
            READ_APPLIED,
            {"of_workspace": workspace_id, "wanted": wanted[start : start + _CHUNK]},
        )
        found += [
            ((event, transformation), count, unapplied)
            for event, transformation, count, unapplied in rows.all()
        ]
    return found


def read_tried(
    connection: Connection, *, workspace_id: WorkspaceId, delivery_ids: Iterable[DeliveryId]
) -> dict[DeliveryId, Tried]:
    """Say where these deliveries stand; an unknown one is left out."""
    found: dict[DeliveryId, Tried] = {}
    wanted = sorted(set(delivery_ids))
    for start in range(0, len(wanted), _CHUNK):
        rows = connection.execute(
            READ_TRIED, {"of_workspace": workspace_id, "wanted": wanted[start : start + _CHUNK]}
        )
        found |= {
            delivery_id: Tried(failed=state == State.FAILED, attempt=attempt)
            for delivery_id, state, attempt in rows.all()
        }
    return found


def read_logged(
    connection: Connection, *, workspace_id: WorkspaceId, event_ids: Iterable[EventId]
) -> tuple[set[DeliveryId], set[OperationsOf]]:
    """Say which deliveries of these events are in the log, and which of them are no replays."""
    logged: set[DeliveryId] = set()
    originals: set[OperationsOf] = set()
    wanted = sorted(set(event_ids))
    for start in range(0, len(wanted), _CHUNK):
        for delivery, event, transformation, replay_of in connection.execute(
            LOGGED, {"of_workspace": workspace_id, "wanted": wanted[start : start + _CHUNK]}
        ):
            logged.add(delivery)
            if replay_of is None:
                originals.add((event, transformation))
    return logged, originals


def list_deliveries(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    transformation_id: TransformationId | None = None,
    state: State | None = None,
    text: str | None = None,
    before: DeliveryId | None = None,
    limit: int,
) -> list[JsonObject]:
    """Give the newest deliveries first, ready to be written as JSON.

    Args:
        connection: a transaction that may only read.
        workspace_id: whose deliveries.
        transformation_id: of this transformation only.
        state: in this state only.
        text: whose ids, report or body hold this text, in small or capital letters.
        before: older than this delivery.
        limit: how many at most.
    """
    conditions = [deliveries.c.workspace_id == workspace_id]
    if transformation_id is not None:
        conditions.append(deliveries.c.transformation_id == transformation_id)
    if state is not None:
        conditions.append(deliveries.c.state == str(state))
    if before is not None:
        conditions.append(deliveries.c.id < before)
    if text:
        if "\x00" in text:
            return []
        conditions.append(holds(connection, text))
    rows = connection.execute(LIST_DELIVERIES.where(*conditions).limit(limit)).all()
    return [_described(row) for row in rows]


def read_event(
    connection: Connection, *, workspace_id: WorkspaceId, event_id: EventId
) -> Event | None:
    """Give a stored event, or None where the workspace has none of this id."""
    row = connection.execute(
        READ_EVENT, {"of_event": event_id, "of_workspace": workspace_id}
    ).one_or_none()
    if row is None:
        return None
    return Event(
        id=EventId(row.id),
        workspace_id=WorkspaceId(row.workspace_id),
        source_id=SourceId(row.source_id),
        accepted_at=from_text(row.accepted_at),
        content_type=row.content_type,
        headers=row.headers,
        body=bytes(row.body),
    )


def holds(connection: Connection, text: str) -> ColumnElement[bool]:
    """Say of a delivery, joined with its event, whether its ids, report or body hold a text."""
    return or_(
        deliveries.c.id == text,
        deliveries.c.event_id == text,
        cast(deliveries.c.report, String).icontains(text, autoescape=True),
        _body_holds(connection, text),
    )


def _body_holds(connection: Connection, text: str) -> ColumnElement[bool]:
    if connection.dialect.name == "sqlite":
        return cast(events.c.body, String).icontains(text, autoescape=True)
    # A body may be no UTF-8, and PostgreSQL would refuse to read it as text: bytes are searched,
    # or their printable form, in which plain letters stand for themselves.
    if text.isascii() and "\\" not in text:
        return func.encode(events.c.body, "escape").icontains(text, autoescape=True)
    return func.position(literal(text.encode()).op("IN")(events.c.body)) > 0


def _described(row: Any) -> JsonObject:
    report = row.report
    return {
        "id": row.id,
        "transformation_id": row.transformation_id,
        "revision_id": row.revision_id,
        "event_id": row.event_id,
        "outcome": row.state,
        "operations": [
            {
                **operation.as_json(),
                "key": operation_key(row.event_id, row.transformation_id, operation.position),
            }
            for operation in operations_of(report["output"], report["operations"])
        ],
        "output": report["output"],
        "errors": report["errors"],
        "warnings": report["warnings"],
        "console": report["console"],
        "changes": [_changes(record) for record in report.get("changes", ())],
        "duration_us": row.duration_us,
        "accepted_at": row.accepted_at,
        "applied_at": row.applied_at,
        "replay_of": row.replay_of,
        "attempt": row.attempt,
        "trigger": row.trigger,
        "payload": None if row.body is None else _payload(bytes(row.body), row.content_type),
        "headers": row.headers or {},
    }


def _changes(record: JsonObject) -> JsonObject:
    described = {name: told for name, told in record.items() if name not in _OF_TRAILS}
    parts = {
        part: {name: {"from": before, "to": after} for name, (before, after) in told.items()}
        for part, told in by_part(record, "set").items()
    }
    counted = by_part(record, "counted")
    return described | ({"set": parts} if parts else {}) | ({"counted": counted} if counted else {})


def _payload(body: bytes, content_type: str) -> Any:
    """Parse a body's payload; None where there is none, or one too deep to be written again."""
    try:
        payload = orjson.loads(payload_text(body, content_type))
        orjson.dumps(payload)
    except (BodyUnreadable, orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None
    return payload
