"""Replays: what they find in the log, and the record of how far each has come."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    String,
    bindparam,
    case,
    distinct,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from transformer.clock import from_text, to_text
from transformer.delivery import State
from transformer.event import Event
from transformer.ids import (
    DeliveryId,
    EventId,
    ReplayId,
    RevisionId,
    SourceId,
    TransformationId,
    WorkspaceId,
)
from transformer.replay import (
    Progress,
    Replay,
    ReplayKind,
    ReplayState,
    Selection,
    request_of,
    selection_of,
)
from transformer.store.deliveries import OperationsOf, holds
from transformer.store.indexes import unindexed
from transformer.store.tables import deliveries, events, replays

TOO_LATE = "too_late"
SETTLED = (*(state.value for state in State), TOO_LATE)

_D = deliveries.c
_LOG = deliveries.outerjoin(events, events.c.id == _D.event_id)

NEWEST_DELIVERY = select(func.max(_D.id)).where(_D.workspace_id == bindparam("of_workspace"))
KNOWN_DELIVERIES = select(_D.id).where(
    _D.workspace_id == bindparam("of_workspace"),
    _D.id.in_(bindparam("wanted", expanding=True)),
)
COUNT_MATCHES = select(func.count())
READ_MATCHES = select(
    _D.id,
    _D.event_id,
    _D.transformation_id,
    _D.revision_id,
    _D.state,
    _D.attempt,
    func.length(events.c.body).label("size"),
).select_from(_LOG)
READ_SPANS = (
    select(_D.event_id, _D.transformation_id, func.min(_D.id), func.max(_D.id))
    .where(_D.event_id.in_(bindparam("wanted", expanding=True)))
    .group_by(_D.event_id, _D.transformation_id)
)
SUM_UP = (
    select(
        _D.transformation_id,
        _D.state,
        func.count().label("count"),
        func.count(distinct(_D.event_id)).label("events"),
        func.sum(case((events.c.id.is_(None), 1), else_=0)).label("gone"),
        func.sum(case((_D.revision_id.is_(None), 1), else_=0)).label("without_revision"),
        func.sum(_D.duration_us).label("duration_us"),
        func.min(_D.accepted_at).label("first"),
        func.max(_D.accepted_at).label("last"),
    )
    .select_from(_LOG)
    .group_by(_D.transformation_id, _D.state)
    .order_by(_D.transformation_id, _D.state)
)
READ_EVENTS = select(events).where(
    events.c.workspace_id == bindparam("of_workspace"),
    events.c.id.in_(bindparam("wanted", expanding=True)),
)
_SECOND = func.substr(_D.applied_at, 1, 19, type_=String)
_RECENT = (
    select(_SECOND.label("second"))
    .where(_D.workspace_id == bindparam("of_workspace"))
    .order_by(_D.id.desc())
    .limit(20_000)
    .subquery()
)
BUSIEST_SECOND = (
    select(func.count().label("count"))
    .select_from(_RECENT)
    .group_by(_RECENT.c.second)
    .order_by(func.count().desc())
    .limit(1)
)

INSERT_REPLAY = insert(replays)
READ_REPLAY = select(replays).where(
    replays.c.id == bindparam("of_replay"), replays.c.workspace_id == bindparam("of_workspace")
)
LIST_REPLAYS = (
    select(replays)
    .where(replays.c.workspace_id == bindparam("of_workspace"), replays.c.id < bindparam("before"))
    .order_by(replays.c.id.desc())
    .limit(bindparam("at_most"))
)
RUNNING_REPLAYS = (
    select(replays)
    .where(replays.c.state == ReplayState.RUNNING.value)
    .order_by(replays.c.id)
    .limit(bindparam("at_most"))
)
# The cursor only goes forward: of two that follow Redis, the one that was ahead stays.
FOLLOW_REPLAY = (
    update(replays)
    .where(replays.c.id == bindparam("of_replay"), replays.c.cursor <= bindparam("to"))
    .values(
        cursor=bindparam("to"),
        appended=bindparam("is_appended"),
        refused=bindparam("is_refused"),
        repeated=bindparam("is_repeated"),
        updated_at=bindparam("at"),
    )
)
FINISH_REPLAY = (
    update(replays)
    .where(
        replays.c.id == bindparam("of_replay"),
        replays.c.state == ReplayState.RUNNING.value,
        replays.c.cursor == replays.c.until,
        sum((replays.c[name] for name in SETTLED[1:]), replays.c[SETTLED[0]]) >= replays.c.appended,
    )
    .values(state=ReplayState.DONE.value, updated_at=bindparam("at"))
)
END_REPLAY = (
    update(replays)
    .where(replays.c.id == bindparam("of_replay"), replays.c.state == ReplayState.RUNNING.value)
    .values(state=bindparam("to"), error=bindparam("why"), updated_at=bindparam("at"))
)
COUNT_SETTLED = (
    update(replays)
    .where(replays.c.id == bindparam("of_replay"))
    .values(
        {name: replays.c[name] + bindparam(f"more_{name}") for name in SETTLED}
        | {"updated_at": bindparam("at")}
    )
)


@dataclass(frozen=True, slots=True)
class Match:
    """A delivery that a replay has come to; ``size`` is of its event's body, None if that is gone."""

    id: DeliveryId
    event_id: EventId
    transformation_id: TransformationId | None
    revision_id: RevisionId | None
    state: State
    attempt: int
    size: int | None

    @property
    def of(self) -> OperationsOf:
        """Which event through which transformation."""
        return (self.event_id, self.transformation_id)


@dataclass(frozen=True, slots=True)
class Group:
    """The deliveries of one transformation in one state that a selection holds.

    ``duration_us`` is what all of them took in the sandbox.
    """

    transformation_id: TransformationId | None
    state: State
    count: int
    events: int
    gone: int
    without_revision: int
    duration_us: int
    first: str
    last: str


def newest_delivery(connection: Connection, *, workspace_id: WorkspaceId) -> str:
    """Give the last delivery of a workspace's log; empty where there is none."""
    return connection.scalar(NEWEST_DELIVERY, {"of_workspace": workspace_id}) or ""


def known_deliveries(
    connection: Connection, *, workspace_id: WorkspaceId, wanted: Sequence[DeliveryId]
) -> set[DeliveryId]:
    """Give those of these deliveries that the workspace has."""
    given = {"of_workspace": workspace_id, "wanted": list(wanted)}
    return set(connection.execute(KNOWN_DELIVERIES, given).scalars())


def count_matches(connection: Connection, selection: Selection, *, until: str) -> int:
    """Count the deliveries that a selection holds, up to one."""
    statement = COUNT_MATCHES.select_from(_LOG if selection.filter.text else deliveries)
    found = connection.scalar(statement.where(*_conditions(connection, selection, until)))
    return int(found or 0)


def read_matches(
    connection: Connection, selection: Selection, *, after: str, until: str, limit: int
) -> list[Match]:
    """Give the next deliveries that a selection holds, in the order of the log."""
    statement = (
        READ_MATCHES.where(*_conditions(connection, selection, until), _D.id > after)
        .order_by(_D.id)
        .limit(limit)
    )
    return [
        Match(
            id=row.id,
            event_id=row.event_id,
            transformation_id=row.transformation_id,
            revision_id=row.revision_id,
            state=State(row.state),
            attempt=row.attempt,
            size=row.size,
        )
        for row in connection.execute(statement).all()
    ]


def read_spans(
    connection: Connection, selection: Selection, *, until: str, matches: Iterable[Match]
) -> dict[OperationsOf, tuple[DeliveryId, DeliveryId]]:
    """Give the first and the last delivery that the selection holds of each match's event.

    An event that failed again in a replay has several, and is replayed once.
    """
    statement = READ_SPANS.select_from(_LOG if selection.filter.text else deliveries)
    conditions = _conditions(connection, selection, until, by_event=True)
    wanted = {"wanted": sorted({match.event_id for match in matches})}
    rows = connection.execute(statement.where(*conditions), wanted).all()
    return {
        (event_id, transformation_id): (first, last)
        for event_id, transformation_id, first, last in rows
    }


def read_events(
    connection: Connection, *, workspace_id: WorkspaceId, event_ids: Iterable[EventId]
) -> dict[EventId, Event]:
    """Give stored events by their ids; one that is no longer kept is left out."""
    given = {"of_workspace": workspace_id, "wanted": sorted(set(event_ids))}
    return {
        row.id: Event(
            id=row.id,
            workspace_id=row.workspace_id,
            source_id=SourceId(row.source_id),
            accepted_at=from_text(row.accepted_at),
            content_type=row.content_type,
            headers=row.headers,
            body=bytes(row.body),
        )
        for row in connection.execute(READ_EVENTS, given).all()
    }


def sum_up(connection: Connection, selection: Selection, *, until: str) -> list[Group]:
    """Count what a selection holds, by transformation and state."""
    rows = connection.execute(SUM_UP.where(*_conditions(connection, selection, until)))
    return [
        Group(
            transformation_id=row["transformation_id"],
            state=State(row["state"]),
            count=int(row["count"]),
            events=int(row["events"]),
            gone=int(row["gone"]),
            without_revision=int(row["without_revision"]),
            duration_us=int(row["duration_us"]),
            first=row["first"],
            last=row["last"],
        )
        for row in rows.mappings()
    ]


def busiest_second(connection: Connection, *, workspace_id: WorkspaceId) -> int:
    """Say how many deliveries were applied in the busiest second of those seen lately."""
    return int(connection.scalar(BUSIEST_SECOND, {"of_workspace": workspace_id}) or 0)


def create_replay(connection: Connection, replay: Replay) -> None:
    """Write the record of a new replay."""
    connection.execute(
        INSERT_REPLAY,
        {
            "id": replay.id,
            "workspace_id": replay.selection.workspace_id,
            "kind": replay.kind.value,
            "state": replay.state.value,
            "request": request_of(replay.selection),
            "revision_id": replay.revision_id,
            "until": replay.until,
            "found": replay.found,
            "cursor": replay.progress.cursor,
            "appended": replay.progress.appended,
            "refused": replay.progress.refused,
            "repeated": replay.progress.repeated,
            **dict.fromkeys(SETTLED, 0),
            "error": replay.error,
            "created_at": to_text(replay.created_at),
            "updated_at": to_text(replay.updated_at),
        },
    )


def read_replay(
    connection: Connection, *, workspace_id: WorkspaceId, replay_id: ReplayId
) -> Replay | None:
    """Read a replay's record; None where the workspace has none of this id."""
    given = {"of_replay": replay_id, "of_workspace": workspace_id}
    row = connection.execute(READ_REPLAY, given).one_or_none()
    return _replay(row) if row else None


def list_replays(
    connection: Connection, *, workspace_id: WorkspaceId, before: ReplayId | None, limit: int
) -> list[Replay]:
    """List a workspace's replays, newest first."""
    given = {"of_workspace": workspace_id, "before": before or "rpl_g", "at_most": limit}
    return [_replay(row) for row in connection.execute(LIST_REPLAYS, given)]


def running_replays(connection: Connection, *, limit: int) -> list[Replay]:
    """List the replays of all workspaces that run, oldest first."""
    return [_replay(row) for row in connection.execute(RUNNING_REPLAYS, {"at_most": limit})]


def follow_replay(
    connection: Connection, *, replay_id: ReplayId, progress: Progress, now: datetime
) -> None:
    """Note how far a replay has come."""
    connection.execute(
        FOLLOW_REPLAY,
        {
            "of_replay": replay_id,
            "to": progress.cursor,
            "is_appended": progress.appended,
            "is_refused": progress.refused,
            "is_repeated": progress.repeated,
            "at": to_text(now),
        },
    )


def finish_replay(connection: Connection, *, replay_id: ReplayId, now: datetime) -> bool:
    """Call a replay done if it has come to its end and all that it appended is settled."""
    given = {"of_replay": replay_id, "at": to_text(now)}
    return connection.execute(FINISH_REPLAY, given).rowcount == 1


def end_replay(
    connection: Connection,
    *,
    replay_id: ReplayId,
    state: ReplayState,
    error: str = "",
    now: datetime,
) -> bool:
    """Cancel or fail a replay that runs; says whether it did run."""
    given = {"of_replay": replay_id, "to": state.value, "why": error, "at": to_text(now)}
    return connection.execute(END_REPLAY, given).rowcount == 1


def count_settled(
    connection: Connection, counts: Mapping[tuple[ReplayId, str], int], *, now: str
) -> None:
    """Count what became of the deliveries of replays, in the transaction that applies them.

    Args:
        connection: the writer's transaction.
        counts: by replay, and by state or ``too_late``.
        now: the time to note.
    """
    for replay_id in sorted({replay_id for replay_id, _ in counts}):
        more = {f"more_{name}": counts.get((replay_id, name), 0) for name in SETTLED}
        connection.execute(COUNT_SETTLED, {"of_replay": replay_id, "at": now, **more})


def _conditions(
    connection: Connection, selection: Selection, until: str, *, by_event: bool = False
) -> list[ColumnElement[bool]]:
    """Say what a selection holds, so that the right index is read.

    SQLite keeps no statistics and takes the index with the most conditions: that of a workspace's
    whole log, for a page of the few that failed. What is hidden from it cannot be chosen
    (tests/contract/test_store_replays.py).
    """
    wanted = selection.filter
    state = State.FAILED if selection.kind is ReplayKind.RETRY else wanted.state
    by_state = wanted.transformation_id is not None and state is not None
    workspace = unindexed(_D.workspace_id) if by_event or by_state else _D.workspace_id
    delivery = unindexed(_D.id) if by_event else _D.id
    conditions = [workspace == selection.workspace_id, delivery <= until]
    if selection.delivery_ids:
        return [*conditions, delivery.in_(selection.delivery_ids)]
    if wanted.transformation_id is not None:
        transformation = unindexed(_D.transformation_id) if by_event else _D.transformation_id
        conditions.append(transformation == wanted.transformation_id)
    if state is not None:
        conditions.append(_D.state == state.value)
    if wanted.error_code:
        conditions.append(_D.error_code == wanted.error_code)
    if wanted.accepted_from:
        conditions.append(_D.accepted_at >= wanted.accepted_from)
    if wanted.accepted_until:
        conditions.append(_D.accepted_at < wanted.accepted_until)
    if wanted.text:
        conditions.append(holds(connection, wanted.text))
    return conditions


def _replay(row: Any) -> Replay:
    return Replay(
        id=ReplayId(row.id),
        selection=selection_of(
            row.request, workspace_id=WorkspaceId(row.workspace_id), kind=ReplayKind(row.kind)
        ),
        revision_id=RevisionId(row.revision_id) if row.revision_id else None,
        state=ReplayState(row.state),
        until=row.until,
        found=row.found,
        progress=Progress(
            cursor=row.cursor, appended=row.appended, refused=row.refused, repeated=row.repeated
        ),
        settled={name: getattr(row, name) for name in SETTLED},
        error=row.error,
        created_at=from_text(row.created_at),
        updated_at=from_text(row.updated_at),
    )
