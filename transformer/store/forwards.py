"""Forwards in the store: what a person configures, and how each one fares.

A credential is kept as it came, because the other side has to be told it; it is written and never
shown, neither by ``repr`` nor by the API.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, insert, select, update

from transformer.clock import to_text
from transformer.errors import NotFound
from transformer.ids import DeliveryId, ForwardId, WorkspaceId, made_at_ms
from transformer.operation import JsonObject
from transformer.store.tables import forwards, outbox

WAITING = "waiting"
DEAD = "dead"


class ForwardState(StrEnum):
    """Whether a forward sends what its outbox holds; both keep what is applied."""

    ACTIVE = "active"
    PAUSED = "paused"
    # Gone for everybody; the forwarder takes away what it leaves behind.
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Forward:
    """An outside API that a workspace's applied operations are also sent to."""

    id: ForwardId
    workspace_id: WorkspaceId
    name: str
    kind: str
    base_url: str
    credential: str = field(repr=False)
    state: ForwardState
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a forward fares.

    Args:
        waiting: operations that wait, counted up to a bound.
        dead: operations that the other side refused and that are kept, counted up to a bound.
        oldest_at: when the delivery of the oldest that waits was made; None where none waits.
        sent, refused: operations since the forward was made.
        left_out: operations that found the outbox full.
        trouble: what keeps it from sending: at, code, message and retry_at.
    """

    waiting: int
    dead: int
    oldest_at: str | None
    sent: int
    sent_at: str | None
    refused: int
    left_out: int
    left_out_at: str | None
    trouble: JsonObject | None


_OF = (forwards.c.id == bindparam("of_forward")) & (
    forwards.c.workspace_id == bindparam("of_workspace")
)
_THERE = forwards.c.state != ForwardState.REMOVED.value
_CONFIGURED = (
    forwards.c.id,
    forwards.c.workspace_id,
    forwards.c.name,
    forwards.c.kind,
    forwards.c.base_url,
    forwards.c.credential,
    forwards.c.state,
    forwards.c.created_at,
    forwards.c.updated_at,
)
INSERT_FORWARD = insert(forwards)
LIST_FORWARDS = (
    select(*_CONFIGURED)
    .where(forwards.c.workspace_id == bindparam("of_workspace"), _THERE)
    .order_by(forwards.c.id)
)
READ_FORWARD = select(*_CONFIGURED).where(_OF, _THERE)
SAVE_FORWARD = (
    update(forwards)
    .where(_OF)
    .values(
        name=bindparam("new_name"),
        base_url=bindparam("new_base_url"),
        credential=bindparam("new_credential"),
        updated_at=bindparam("at"),
    )
)
SAVE_STATE = (
    update(forwards).where(_OF).values(state=bindparam("new_state"), updated_at=bindparam("at"))
)
READ_TOLD = select(
    forwards.c.sent,
    forwards.c.sent_at,
    forwards.c.refused,
    forwards.c.left_out,
    forwards.c.left_out_at,
    forwards.c.trouble,
).where(forwards.c.id == bindparam("of_forward"))
_HELD = (outbox.c.forward_id == bindparam("of_forward")) & (outbox.c.state == bindparam("in_state"))
COUNT_HELD = select(func.count()).select_from(
    select(outbox.c.id).where(_HELD).limit(bindparam("at_most")).subquery()
)
OLDEST_HELD = select(outbox.c.delivery_id).where(_HELD).order_by(outbox.c.id).limit(1)
ANY_FORWARD = select(exists().where(forwards.c.id != ""))
LIST_ALL = select(*_CONFIGURED).where(_THERE).order_by(forwards.c.id)


def create_forward(connection: Connection, *, forward: Forward) -> None:
    """Store a new forward; what is applied a few seconds later goes there too."""
    connection.execute(INSERT_FORWARD, {name: _value(forward, name) for name in _NAMES})


def list_forwards(connection: Connection, *, workspace_id: WorkspaceId) -> list[Forward]:
    """List the forwards of a workspace, oldest first."""
    return [
        _forward(row) for row in connection.execute(LIST_FORWARDS, {"of_workspace": workspace_id})
    ]


def list_all_forwards(connection: Connection) -> list[Forward]:
    """List the forwards of all workspaces, oldest first."""
    return [_forward(row) for row in connection.execute(LIST_ALL)]


def read_forward(
    connection: Connection, *, workspace_id: WorkspaceId, forward_id: ForwardId
) -> Forward:
    """Read one forward.

    Raises:
        NotFound: the workspace has no such forward.
    """
    of = {"of_workspace": workspace_id, "of_forward": forward_id}
    row = connection.execute(READ_FORWARD, of).one_or_none()
    if row is None:
        raise NotFound(
            f"There is no forward {forward_id} in this workspace.",
            hint="GET /api/forwards lists them.",
        )
    return _forward(row)


def save_forward(connection: Connection, *, forward: Forward, now: datetime) -> None:
    """Keep the name, address and credential of a forward; in force with its next call."""
    connection.execute(
        SAVE_FORWARD,
        {
            "of_workspace": forward.workspace_id,
            "of_forward": forward.id,
            "new_name": forward.name,
            "new_base_url": forward.base_url,
            "new_credential": forward.credential,
            "at": to_text(now),
        },
    )


def save_state(
    connection: Connection, *, forward: Forward, state: ForwardState, now: datetime
) -> None:
    """Let a forward send, pause or go."""
    connection.execute(
        SAVE_STATE,
        {
            "of_workspace": forward.workspace_id,
            "of_forward": forward.id,
            "new_state": state.value,
            "at": to_text(now),
        },
    )


def read_standing(connection: Connection, *, forward_id: ForwardId, most: int) -> Standing:
    """Say how a forward fares; what waits and what is dead is counted up to ``most``."""
    told = connection.execute(READ_TOLD, {"of_forward": forward_id}).one()
    oldest = connection.scalar(OLDEST_HELD, {"of_forward": forward_id, "in_state": WAITING})
    return Standing(
        waiting=count_held(connection, forward_id=forward_id, state=WAITING, most=most),
        dead=count_held(connection, forward_id=forward_id, state=DEAD, most=most),
        oldest_at=None if oldest is None else _made_at(DeliveryId(oldest)),
        sent=told.sent,
        sent_at=told.sent_at,
        refused=told.refused,
        left_out=told.left_out,
        left_out_at=told.left_out_at,
        trouble=told.trouble,
    )


def count_held(connection: Connection, *, forward_id: ForwardId, state: str, most: int) -> int:
    """Count a forward's operations in the outbox that wait, or are dead, up to ``most``."""
    return int(
        connection.scalar(
            COUNT_HELD, {"of_forward": forward_id, "in_state": state, "at_most": most}
        )
        or 0
    )


def is_any_forward(connection: Connection) -> bool:
    """Say whether there is any forward at all, be it one that goes."""
    return bool(connection.scalar(ANY_FORWARD))


_NAMES = tuple(column.name for column in _CONFIGURED)


def _value(forward: Forward, name: str) -> str:
    return str(getattr(forward, name))


def _forward(row: Iterable[Any]) -> Forward:
    values = dict(zip(_NAMES, row, strict=True))
    return Forward(**{**values, "state": ForwardState(values["state"])})


def _made_at(delivery_id: DeliveryId) -> str:
    return to_text(datetime.fromtimestamp(made_at_ms(delivery_id) / 1_000, UTC))
