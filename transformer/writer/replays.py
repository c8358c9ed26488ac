"""What was applied before, so that a replay counts nothing twice.

An operation's key is its event, its transformation and its position; an applied delivery has
applied the positions below its number of operations. Only replays ask: what is no replay is
applied once by the position in the stream.
"""

from collections.abc import Mapping

from transformer.settlement import Settlement
from transformer.store.deliveries import OperationsOf


class Replays:
    """How many operations were applied before, of the events that a batch replays.

    Args:
        replayed: the events, with their transformations, that the batch replays.
        counts: how many operations of them the store says were applied.
    """

    def __init__(self, replayed: set[OperationsOf], *, counts: Mapping[OperationsOf, int]) -> None:
        self._counts = {of: counts.get(of, 0) for of in replayed}

    def applied_before(self, settlement: Settlement) -> int:
        """Say below which position the operations of this settlement were applied before."""
        if settlement.replay_of is None:
            return 0
        return self._counts[settlement.event_id, settlement.transformation_id]

    def note(self, settlement: Settlement) -> None:
        """Note that a settlement was applied, for a replay of it later in the batch."""
        if not self._counts:
            return
        of = (settlement.event_id, settlement.transformation_id)
        if of in self._counts:
            self._counts[of] = max(self._counts[of], len(settlement.operations))
