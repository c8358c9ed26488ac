"""The pace of each stream: how many entries of it make one batch (I3).

A drain can only give way between two batches, so a batch must not take long, whatever an entry
costs: microseconds of JavaScript, or the whole time limit. What the last batches cost tells.
"""

BATCH_S = 0.025

_MOST_STREAMS = 10_000
_WEIGHT_OF_LAST = 0.5


class Pace:
    """What entries cost, by stream; one per process.

    Args:
        most: how many entries at most.
        first: how many of a stream that is not known yet.
    """

    def __init__(self, *, most: int, first: int) -> None:
        self._most = most
        self._first = first
        self._seconds: dict[str, float] = {}

    def most(self, stream: str) -> int:
        """Say how many entries to take: as many as fit into :data:`BATCH_S`, but at least one."""
        cost = self._seconds.get(stream)
        if not cost:
            return self._first
        return max(1, min(self._most, int(BATCH_S / cost)))

    def note(self, stream: str, *, count: int, seconds: float) -> None:
        """Learn from a batch."""
        if count <= 0:
            return
        held = self._seconds.pop(stream, None)
        cost = seconds / count
        if held is not None:
            cost = _WEIGHT_OF_LAST * cost + (1 - _WEIGHT_OF_LAST) * held
        elif len(self._seconds) >= _MOST_STREAMS:
            del self._seconds[next(iter(self._seconds))]
        self._seconds[stream] = cost
