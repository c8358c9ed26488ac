"""Cuts what waits in the outbox into calls that may be on their way at the same time.

Operations of one profile or item arrive in the order of the outbox: at most one call at a time has
any of a subject's, and within a call they stand in an order that the other side keeps. What may
touch any profile (a merge, a rename) waits for all that is before it, and all that is behind it
waits. Whatever cannot go now stays, and everything of its subject behind it
(tests/unit/test_forward_batch.py has this as properties).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from transformer.forward.call import (
    ARRAYS,
    ENVELOPE_BYTES,
    MAX_BODY_BYTES,
    RANKS,
    TRACK,
    Call,
    call_of,
    element_of,
    names_in,
)
from transformer.store.outbox import Waiting


@dataclass(slots=True)
class Batch:
    """The operations of one call, in their order."""

    call: Call
    through: str
    most: int
    rows: list[Waiting] = field(default_factory=list)
    size: int = ENVELOPE_BYTES
    # By subject, the rank of its last operation.
    ranks: dict[str, int] = field(default_factory=dict)

    def body(self) -> bytes:
        """Write the request's body."""
        if self.call == TRACK:
            arrays = [
                b'"%b":[%b]' % (ARRAYS[kind].encode(), b",".join(row.object for row in rows))
                for kind, rows in self.by_kind().items()
            ]
            return b"{%b}" % b",".join(arrays)
        elements = b",".join(element_of(row, self.call) for row in self.rows)
        return b'{"%b":[%b]}' % (self.call.array.encode(), elements)

    def by_kind(self) -> dict[str, list[Waiting]]:
        """Give the operations of each array of /users/track, where there are any."""
        rows = {kind: [row for row in self.rows if row.kind == kind] for kind in ARRAYS}
        return {kind: held for kind, held in rows.items() if held}

    def find(self, array: str, index: int) -> Waiting | None:
        """Find the operation that an answer names by its place."""
        rows = self.rows
        if self.call == TRACK:
            rows = [row for row in self.rows if ARRAYS[row.kind] == array]
        elif array not in {"", self.call.array}:
            return None
        return rows[index] if 0 <= index < len(rows) else None

    def takes(self, row: Waiting, *, most: int) -> bool:
        """Say whether there is room for an operation."""
        return (
            len(self.rows) < min(self.most, most)
            and self.size + len(row.object) + 1 <= MAX_BODY_BYTES
        )

    def keeps_order(self, row: Waiting) -> bool:
        """Say whether an operation behind the others would come after those of its subject."""
        held = self.ranks.get(row.subject)
        if held is None:
            return True
        # A catalog call refuses an item that it has twice.
        return self.call == TRACK and held <= RANKS[row.kind]

    def add(self, row: Waiting, *, most: int) -> None:
        """Take an operation in."""
        self.rows.append(row)
        self.most = min(self.most, most)
        self.size += len(row.object) + 1
        self.ranks[row.subject] = RANKS.get(row.kind, 0)


def cut(
    waiting: Sequence[Waiting],
    *,
    calls: int,
    most_of: Callable[[Waiting], int],
    is_held_up: Callable[[Waiting, Call], bool],
) -> list[Batch]:
    """Give the calls that can be made now.

    Args:
        waiting: what waits, in order; all of it can be sent.
        calls: how many at most.
        most_of: the size of the largest call that an operation may go in.
        is_held_up: says whether an operation is not to go in its call now.
    """
    if waiting and not waiting[0].subject:
        return _cut_alone(waiting, most_of=most_of, is_held_up=is_held_up)
    cutting = _Cutting(calls)
    for row in takewhile(lambda row: row.subject, waiting):
        call = call_of(row)
        if is_held_up(row, call):
            cutting.leave(row)
        else:
            cutting.take(row, call, min(call.most, most_of(row)))
    return cutting.batches


def _cut_alone(
    waiting: Sequence[Waiting],
    *,
    most_of: Callable[[Waiting], int],
    is_held_up: Callable[[Waiting, Call], bool],
) -> list[Batch]:
    """Give the one call of what may touch any profile.

    The other side keeps no order among its objects, so no two of them have a name in common.
    """
    first = waiting[0]
    call = call_of(first)
    if is_held_up(first, call):
        return []
    batch = Batch(call, first.through, call.most)
    named: set[str] = set()
    for row in waiting:
        most, names = min(call.most, most_of(row)), names_in(row)
        if row.subject or call_of(row) != call or row.through != batch.through:
            break
        if named & names or not batch.takes(row, most=most):
            break
        batch.add(row, most=most)
        named |= names
    return [batch]


class _Cutting:
    def __init__(self, calls: int) -> None:
        self.batches: list[Batch] = []
        self._calls = calls
        self._open: dict[tuple[Call, str], Batch] = {}
        self._owners: dict[str, Batch] = {}
        self._left: set[str] = set()

    def leave(self, row: Waiting) -> None:
        self._left.add(row.subject)

    def take(self, row: Waiting, call: Call, most: int) -> None:
        batch = None if row.subject in self._left else self._batch_for(row, call, most)
        if batch is None:
            self.leave(row)
            return
        batch.add(row, most=most)
        self._owners[row.subject] = batch

    def _batch_for(self, row: Waiting, call: Call, most: int) -> Batch | None:
        owner = self._owners.get(row.subject)
        batch = self._open.get((call, row.through))
        if owner is not None:
            fits = owner is batch and owner.takes(row, most=most) and owner.keeps_order(row)
            return owner if fits else None
        if batch is not None and batch.takes(row, most=most):
            return batch
        if len(self.batches) == self._calls:
            return None
        batch = self._open[call, row.through] = Batch(call, row.through, most)
        self.batches.append(batch)
        return batch
