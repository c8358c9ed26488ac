"""Who sends for a forward, and how far: claims, beats and rounds.

One process at a time holds a forward. A claim is a compare-and-set of the epoch, and whatever a
holder writes names its own: who was taken for dead can write nothing more (fenced). Each write of a
holder moves the beat. Whoever has seen a beat stand still for the length of a lease, by its own
monotonic clock, may claim; no machine's wall clock decides.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, exists, select, update

from transformer.clock import to_text
from transformer.ids import DeliveryId, ForwardId, WorkspaceId
from transformer.operation import JsonObject
from transformer.store.bulk import Parameters
from transformer.store.documents import encoded
from transformer.store.forwards import WAITING, ForwardState
from transformer.store.outbox import COUNT_SENT, REFUSE, Waiting, delete_sent
from transformer.store.tables import forwards, outbox


@dataclass(frozen=True, slots=True)
class Open:
    """A forward that has something to send, and what is seen of its holder."""

    forward_id: ForwardId
    workspace_id: WorkspaceId
    holder: str
    epoch: int
    beat: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A forward held: under which epoch, and what was on its way when its last holder vanished."""

    forward_id: ForwardId
    epoch: int
    in_flight: frozenset[int]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the other side did not take an operation."""

    code: str
    message: str

    def as_json(self) -> JsonObject:
        """Give the shape of the store and the API."""
        return {"code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True)
class Round:
    """What came of a round of calls.

    Args:
        sent: operations that the other side took.
        refused: operations that it will never take.
        trouble: what keeps the rest from being sent, and until when; None: nothing.
    """

    sent: Sequence[Waiting] = ()
    refused: Sequence[tuple[Waiting, Refusal]] = ()
    trouble: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class Orders:
    """How a forward is configured while it is held."""

    is_active: bool
    base_url: str
    credential: str


_MINE = (forwards.c.id == bindparam("of_forward")) & (forwards.c.epoch == bindparam("my_epoch"))
LIST_OPEN = (
    select(
        forwards.c.id, forwards.c.workspace_id, forwards.c.holder, forwards.c.epoch, forwards.c.beat
    )
    .where(
        forwards.c.state == ForwardState.ACTIVE.value,
        exists().where(outbox.c.forward_id == forwards.c.id, outbox.c.state == WAITING),
    )
    .order_by(forwards.c.id)
)
CLAIM = (
    update(forwards)
    .where(_MINE, forwards.c.state == ForwardState.ACTIVE.value)
    .values(holder=bindparam("new_holder"), epoch=forwards.c.epoch + 1, beat=0)
    .returning(forwards.c.epoch, forwards.c.in_flight)
)
NOTE_ROUND = (
    update(forwards)
    .where(_MINE)
    .values(
        beat=forwards.c.beat + 1,
        in_flight=bindparam("new_in_flight"),
        sent=forwards.c.sent + bindparam("more_sent"),
        refused=forwards.c.refused + bindparam("more_refused"),
        trouble=bindparam("new_trouble"),
    )
    .returning(forwards.c.state, forwards.c.base_url, forwards.c.credential)
)
NOTE_SENT_AT = update(forwards).where(_MINE).values(sent_at=bindparam("at"))
RELEASE = update(forwards).where(_MINE).values(holder="")
LIST_REMOVED = select(forwards.c.id, forwards.c.updated_at).where(
    forwards.c.state == ForwardState.REMOVED.value
)
_LEFT = select(outbox.c.id).where(outbox.c.forward_id == bindparam("of_forward"))
DELETE_LEFT = delete(outbox).where(
    outbox.c.id.in_(_LEFT.limit(bindparam("at_most")).scalar_subquery())
)
DELETE_FORWARD = delete(forwards).where(forwards.c.id == bindparam("of_forward"))


def list_open(connection: Connection) -> list[Open]:
    """List the active forwards for which something waits."""
    return [
        Open(ForwardId(row.id), WorkspaceId(row.workspace_id), row.holder, row.epoch, row.beat)
        for row in connection.execute(LIST_OPEN)
    ]


def claim(connection: Connection, seen: Open, *, holder: str) -> Claim | None:
    """Hold a forward as it was seen; None where somebody else was faster."""
    row = connection.execute(
        CLAIM, {"of_forward": seen.forward_id, "my_epoch": seen.epoch, "new_holder": holder}
    ).one_or_none()
    return None if row is None else Claim(seen.forward_id, row.epoch, frozenset(row.in_flight))


def note_round(
    connection: Connection,
    held: Claim,
    done: Round,
    *,
    may_have_arrived: Collection[int],
    in_flight: Sequence[int],
    now: datetime,
) -> Orders | None:
    """Note what came of a round, and what goes next.

    Args:
        connection: a transaction; nothing is written in it where the claim is no longer good.
        held: the claim.
        done: what came of the round.
        may_have_arrived: operations whose earlier call was not answered: they were sent again.
        in_flight: operations of the next round, and others that may have arrived.
        now: the time.

    Returns:
        How the forward is configured now; None where another holds it.
    """
    at = to_text(now)
    row = connection.execute(
        NOTE_ROUND,
        {
            "of_forward": held.forward_id,
            "my_epoch": held.epoch,
            "new_in_flight": list(in_flight),
            "more_sent": len(done.sent),
            "more_refused": len(done.refused),
            "new_trouble": done.trouble,
        },
    ).one_or_none()
    if row is None:
        return None
    if done.sent:
        connection.execute(
            NOTE_SENT_AT, {"of_forward": held.forward_id, "my_epoch": held.epoch, "at": at}
        )
        delete_sent(connection, [one.id for one in done.sent])
        COUNT_SENT.run(connection, _counts(held, done.sent, may_have_arrived, at))
    REFUSE.run(connection, [(encoded(why.as_json()), one.id) for one, why in done.refused])
    return Orders(row.state == ForwardState.ACTIVE, row.base_url, row.credential)


def _counts(
    held: Claim, sent: Sequence[Waiting], may_have_arrived: Collection[int], at: str
) -> list[Parameters]:
    counts: Counter[DeliveryId] = Counter()
    again: Counter[DeliveryId] = Counter()
    for one in sent:
        counts[one.delivery_id] += 1
        again[one.delivery_id] += one.id in may_have_arrived
    # In one order in all processes, so that no two wait for each other's rows.
    return [
        (count, again[delivery_id], at, delivery_id, held.forward_id)
        for delivery_id, count in sorted(counts.items())
    ]


def release(connection: Connection, held: Claim) -> None:
    """Let others claim at once; for one that is fenced, nothing."""
    connection.execute(RELEASE, {"of_forward": held.forward_id, "my_epoch": held.epoch})


def list_removed(connection: Connection) -> list[tuple[ForwardId, str]]:
    """List the forwards that are to go, and since when."""
    return [(ForwardId(row.id), row.updated_at) for row in connection.execute(LIST_REMOVED)]


def delete_left(connection: Connection, *, forward_id: ForwardId, limit: int) -> int:
    """Take a removed forward's operations out of the outbox, so many at most; says how many."""
    of = {"of_forward": forward_id, "at_most": limit}
    return connection.execute(DELETE_LEFT, of).rowcount


def delete_forward(connection: Connection, *, forward_id: ForwardId) -> None:
    """Take a removed forward away, once nothing is left of it."""
    connection.execute(DELETE_FORWARD, {"of_forward": forward_id})
