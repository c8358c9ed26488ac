"""When a forward may be claimed: at once where nobody holds it, else once its holder shows no life.

A holder moves a beat with everything it writes. Whoever sees it stand still for the length of a
lease, by its own monotonic clock, takes the holder for dead. Two machines' clocks are never compared.
"""

from dataclasses import dataclass

from transformer.clock import Clock
from transformer.ids import ForwardId
from transformer.store.forwarding import Open


@dataclass(frozen=True, slots=True)
class _Seen:
    epoch: int
    beat: int
    at: float


class Watch:
    """Watches the holders of forwards.

    Args:
        name: who watches; what it holds by its own name was left by a part of itself that broke.
        lease_s: how long a beat may stand still.
    """

    def __init__(self, name: str, *, lease_s: float, clock: Clock) -> None:
        self._name = name
        self._lease_s = lease_s
        self._clock = clock
        self._seen: dict[ForwardId, _Seen] = {}

    def may_claim(self, one: Open) -> bool:
        """Look at a forward, and say whether to claim it."""
        if one.holder in {"", self._name}:
            return True
        now = self._clock.monotonic()
        seen = self._seen.get(one.forward_id)
        if seen is None or (seen.epoch, seen.beat) != (one.epoch, one.beat):
            self._seen[one.forward_id] = _Seen(one.epoch, one.beat, now)
            return False
        return now - seen.at >= self._lease_s
