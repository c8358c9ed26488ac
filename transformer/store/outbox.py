"""The outbox: applied operations on their way to the forwards of their workspace.

The writer appends in the transaction of the effects. Whoever sends takes in the order of the rows'
ids; since one writer at a time commits for a workspace, that is the order in which they were applied.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from transformer.ids import DeliveryId, ForwardId, WorkspaceId
from transformer.operation import JsonObject
from transformer.store.bulk import Bulk, Parameters
from transformer.store.forwards import DEAD, WAITING, ForwardState, count_held
from transformer.store.tables import forwardings, forwards, outbox
from transformer.store.upserts import Upsert

# The header that names the forwards which a request came through, the first one first: another
# instance of ours does not send it to one of them again.
THROUGH = "X-Transformer-Through"
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Target:
    """A forward as the writer sees it; a full one is not given any more."""

    forward_id: ForwardId
    is_full: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """An operation that waits to be sent.

    Args:
        id: its place in the order of the outbox.
        subject: the profile or catalog item whose operations stay in order; empty: everything.
        object: the object as JSON, in UTF-8.
        through: the forwards that it came through already, of other instances.
    """

    id: int
    delivery_id: DeliveryId
    position: int
    kind: str
    catalog_name: str
    subject: str
    object: bytes
    through: str


@dataclass(frozen=True, slots=True)
class Dead:
    """An operation that the other side refused."""

    id: int
    delivery_id: DeliveryId
    position: int
    kind: str
    catalog_name: str
    object: str
    refusal: JsonObject


INSERT_OBJECT = Bulk(
    insert(outbox), [column.name for column in outbox.c if column.name not in {"id", "refusal"}]
)
INSERT_FORWARDING = Bulk(
    # There is one already where another attempt of its delivery applied more.
    Upsert(
        forwardings,
        key=["delivery_id", "forward_id"],
        changing=["updated_at"],
        adding=["asked", "left_out"],
    ),
    [column.name for column in forwardings.c],
)
LIST_TARGETS = (
    select(forwards.c.id)
    .where(
        forwards.c.workspace_id == bindparam("of_workspace"),
        forwards.c.state != ForwardState.REMOVED.value,
    )
    .order_by(forwards.c.id)
)
NOTE_LEFT_OUT = (
    update(forwards)
    .where(forwards.c.id == bindparam("of_forward"))
    .values(left_out=forwards.c.left_out + bindparam("more"), left_out_at=bindparam("at"))
)
_WAITING_OF = (outbox.c.forward_id == bindparam("of_forward")) & (outbox.c.state == WAITING)
_DEAD_OF = (outbox.c.forward_id == bindparam("of_forward")) & (outbox.c.state == DEAD)
READ_WAITING = (
    select(
        outbox.c.id,
        outbox.c.delivery_id,
        outbox.c.position,
        outbox.c.kind,
        outbox.c.catalog_name,
        outbox.c.subject,
        outbox.c.object,
        outbox.c.through,
    )
    .where(_WAITING_OF)
    .order_by(outbox.c.id)
    .limit(bindparam("at_most"))
)
LIST_DEAD = (
    select(
        outbox.c.id,
        outbox.c.delivery_id,
        outbox.c.position,
        outbox.c.kind,
        outbox.c.catalog_name,
        outbox.c.object,
        outbox.c.refusal,
    )
    .where(_DEAD_OF, outbox.c.id > bindparam("after"))
    .order_by(outbox.c.id)
    .limit(bindparam("at_most"))
)
REQUEUE_DEAD = update(outbox).where(_DEAD_OF).values(state=WAITING, refusal=None)
DROP_DEAD = delete(outbox).where(_DEAD_OF)
DELETE_SENT = delete(outbox).where(outbox.c.id.in_(bindparam("wanted", expanding=True)))
REFUSE = Bulk(
    update(outbox)
    .where(outbox.c.id == bindparam("of_row"))
    .values(state=literal_column(f"'{DEAD}'"), refusal=bindparam("new_refusal")),
    ["new_refusal", "of_row"],
)
COUNT_SENT = Bulk(
    update(forwardings)
    .where(
        forwardings.c.delivery_id == bindparam("of_delivery"),
        forwardings.c.forward_id == bindparam("of_forward"),
    )
    .values(
        sent=forwardings.c.sent + bindparam("more"),
        sent_again=forwardings.c.sent_again + bindparam("more_again"),
        updated_at=bindparam("at"),
    ),
    ["more", "more_again", "at", "of_delivery", "of_forward"],
)
READ_FORWARDINGS = (
    select(forwardings)
    .where(forwardings.c.delivery_id == bindparam("of_delivery"))
    .order_by(forwardings.c.forward_id)
)
DEAD_OF_DELIVERY = (
    select(
        outbox.c.forward_id,
        outbox.c.position,
        outbox.c.kind,
        outbox.c.refusal,
    )
    .where(outbox.c.delivery_id == bindparam("of_delivery"), outbox.c.state == DEAD)
    .order_by(outbox.c.id)
)
WAITING_OF_DELIVERY = (
    select(outbox.c.forward_id, func.count())
    .where(outbox.c.delivery_id == bindparam("of_delivery"), outbox.c.state == WAITING)
    .group_by(outbox.c.forward_id)
)
FORGET_FORWARDINGS = delete(forwardings).where(
    forwardings.c.delivery_id.in_(bindparam("wanted", expanding=True))
)
FORGET_DEAD = delete(outbox).where(
    outbox.c.delivery_id.in_(bindparam("wanted", expanding=True)), outbox.c.state == DEAD
)


def read_targets(connection: Connection, *, workspace_id: WorkspaceId, most: int) -> list[Target]:
    """List where a workspace's operations are also to go; above ``most`` waiting, one is full."""
    found = connection.execute(LIST_TARGETS, {"of_workspace": workspace_id}).scalars().all()
    return [
        Target(
            ForwardId(forward_id),
            count_held(connection, forward_id=ForwardId(forward_id), state=WAITING, most=most)
            >= most,
        )
        for forward_id in found
    ]


def note_left_out(connection: Connection, *, forward_id: ForwardId, count: int, at: str) -> None:
    """Count operations that found the outbox full."""
    connection.execute(NOTE_LEFT_OUT, {"of_forward": forward_id, "more": count, "at": at})


def read_waiting(connection: Connection, *, forward_id: ForwardId, limit: int) -> list[Waiting]:
    """Give the operations that have waited for longest, in order."""
    rows = connection.execute(READ_WAITING, {"of_forward": forward_id, "at_most": limit})
    return [
        Waiting(
            row_id, DeliveryId(delivery), position, kind, catalog, subject, text.encode(), through
        )
        for row_id, delivery, position, kind, catalog, subject, text, through in rows
    ]


def delete_sent(connection: Connection, row_ids: Sequence[int]) -> None:
    """Take operations out of the outbox that the other side has taken."""
    for start in range(0, len(row_ids), _CHUNK):
        connection.execute(DELETE_SENT, {"wanted": list(row_ids[start : start + _CHUNK])})


def list_dead(
    connection: Connection, *, forward_id: ForwardId, after: int, limit: int
) -> list[Dead]:
    """List what the other side refused, oldest first, behind the row ``after``."""
    rows = connection.execute(
        LIST_DEAD, {"of_forward": forward_id, "after": after, "at_most": limit}
    )
    return [Dead(*row) for row in rows]


def requeue_dead(connection: Connection, *, forward_id: ForwardId) -> int:
    """Let everything that was refused wait again; says how much that is."""
    return connection.execute(REQUEUE_DEAD, {"of_forward": forward_id}).rowcount


def drop_dead(connection: Connection, *, forward_id: ForwardId) -> int:
    """Forget everything that was refused; says how much that was."""
    return connection.execute(DROP_DEAD, {"of_forward": forward_id}).rowcount


def describe_forwardings(connection: Connection, *, delivery_id: DeliveryId) -> list[JsonObject]:
    """Say what became of a delivery on its way to each forward, ready to be written as JSON."""
    of = {"of_delivery": delivery_id}
    found = connection.execute(READ_FORWARDINGS, of).all()
    if not found:
        return []
    waiting = {
        str(forward_id): count for forward_id, count in connection.execute(WAITING_OF_DELIVERY, of)
    }
    dead = connection.execute(DEAD_OF_DELIVERY, of).all()
    return [
        {
            "forward_id": row.forward_id,
            "asked": row.asked,
            "sent": row.sent,
            "sent_again": row.sent_again,
            "left_out": row.left_out,
            "waiting": waiting.get(row.forward_id, 0),
            "refused": [
                {"position": one.position, "kind": one.kind, **one.refusal}
                for one in dead
                if one.forward_id == row.forward_id
            ],
            "updated_at": row.updated_at,
        }
        for row in found
    ]


def forget_deliveries(connection: Connection, delivery_ids: Iterable[DeliveryId]) -> None:
    """Forget what became of deliveries that leave the log; what waits still goes its way."""
    wanted = list(delivery_ids)
    for start in range(0, len(wanted), _CHUNK):
        of = {"wanted": wanted[start : start + _CHUNK]}
        connection.execute(FORGET_FORWARDINGS, of)
        connection.execute(FORGET_DEAD, of)


def forwarding_row(delivery_id: DeliveryId, target: Target, *, count: int, now: str) -> Parameters:
    """Give the values of ``INSERT_FORWARDING``."""
    left_out = count if target.is_full else 0
    return (delivery_id, target.forward_id, count, 0, left_out, 0, now)
