"""What was applied before, so that nothing is counted twice for one operation key.

An operation's key is its event, its transformation and its position. Only a replay or a retry can
meet a key again, so only they ask the delivery log which positions were applied; the first delivery
of an event is applied once by the position in the stream.

Positions travel as the bits of a number, and stand in the log as ranges of those *not* applied: of
nearly all deliveries that is none.
"""

from collections.abc import Iterable, Mapping

from transformer.delivery import State
from transformer.ids import DeliveryId
from transformer.settlement import Settlement
from transformer.store.deliveries import OperationsOf, Tried


class Repeats:
    """What the log knows of the events that a batch replays, and of the deliveries it tries again.

    Args:
        asked: the events, with their transformations, that the batch replays or tries again.
        applied: the positions of each that some delivery has applied.
        tried: where each delivery stands that the batch tries again.
    """

    def __init__(
        self,
        asked: set[OperationsOf],
        *,
        applied: Mapping[OperationsOf, int],
        tried: Mapping[DeliveryId, Tried],
    ) -> None:
        self._applied = {of: applied.get(of, 0) for of in asked}
        self._tried = dict(tried)

    def is_void(self, settlement: Settlement) -> bool:
        """Say whether a retry comes too late: its delivery did not fail, or was tried since."""
        if not settlement.is_retry:
            return False
        tried = self._tried.get(settlement.delivery_id)
        return tried is None or not tried.failed or tried.attempt >= settlement.attempt

    def applied_before(self, settlement: Settlement) -> int:
        """Give the positions of this settlement that were applied before."""
        if not settlement.is_repeated:
            return 0
        return self._applied[settlement.event_id, settlement.transformation_id]

    def note(self, settlement: Settlement, *, state: State, unapplied: str | None) -> None:
        """Note what became of a settlement, for a repetition of it later in the batch."""
        if not self._applied:
            return
        of = (settlement.event_id, settlement.transformation_id)
        if of in self._applied and state is State.APPLIED:
            self._applied[of] |= applied_of(len(settlement.operations), unapplied)
        self._tried[settlement.delivery_id] = Tried(
            failed=state is State.FAILED, attempt=settlement.attempt
        )


def applied_of(count: int, unapplied: str | None) -> int:
    """Give the applied positions of a delivery of ``count`` operations, as the log tells of it."""
    applied = (1 << count) - 1
    for part in unapplied.split(",") if unapplied else ():
        first, _, last = part.partition("-")
        width = int(last or first) - int(first) + 1
        applied &= ~(((1 << width) - 1) << int(first))
    return applied


def as_ranges(positions: Iterable[int]) -> str | None:
    """Write positions as the log keeps them, such as ``3,5-7``; None where there are none."""
    ranges: list[list[int]] = []
    for position in sorted(positions):
        if ranges and ranges[-1][1] == position - 1:
            ranges[-1][1] = position
        else:
            ranges.append([position, position])
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in ranges) or None
