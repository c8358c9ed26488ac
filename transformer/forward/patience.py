"""How long each kind of call waits: as long as the other side says, or longer each time."""

import random
from collections.abc import Callable

from transformer.forward.call import Call

_FIRST_S = 1.0
_LONGEST_S = 60.0


class Patience:
    """The times at which the calls of one forward are due, by path.

    Limits of the other side hold for a path, and so do the rights of a credential.

    Args:
        monotonic: the time, in seconds.
        chance: gives a number from 0 to 1; half of each wait is random, so that not all instances
            come back at the same moment.
    """

    def __init__(
        self, monotonic: Callable[[], float], chance: Callable[[], float] = random.random
    ) -> None:
        self._monotonic = monotonic
        self._chance = chance
        self._due_at: dict[str, float] = {}
        self._failures: dict[str, int] = {}

    def is_held_up(self, call: Call) -> bool:
        """Say whether a call has to wait still."""
        return self._monotonic() < self._due_at.get(call.path, 0.0)

    def went_well(self, call: Call, *, pause_s: float) -> None:
        """Note that a call was answered, and how long the next one has to wait for its limit."""
        self._failures.pop(call.path, None)
        self._due_at.pop(call.path, None)
        if pause_s > 0:
            self._due_at[call.path] = self._monotonic() + pause_s

    def was_told(self, call: Call, after_s: float) -> float:
        """Note that the other side wants a call later; gives the seconds."""
        return self._wait(call, after_s + after_s * 0.1 * self._chance())

    def failed(self, call: Call) -> float:
        """Note that a call failed; gives the seconds until it is tried again."""
        failures = self._failures[call.path] = self._failures.get(call.path, 0) + 1
        return self._wait(call, self.backoff_s(failures))

    def backoff_s(self, failures: int) -> float:
        """Give the wait after so many failures, from 1, in seconds."""
        longest = min(_LONGEST_S, _FIRST_S * (1 << min(failures - 1, 10)))
        return longest * (0.5 + self._chance() / 2)

    def due_in_s(self) -> float:
        """Say when the first of all calls that wait is due, in seconds; 0 where none waits."""
        now = self._monotonic()
        left = [due_at - now for due_at in self._due_at.values() if due_at > now]
        return min(left, default=0.0)

    def forget(self) -> None:
        """Wait no longer: somebody changed the address or the credential."""
        self._due_at.clear()
        self._failures.clear()

    def _wait(self, call: Call, seconds: float) -> float:
        # Calls of one path may be on their way together; the longest wait holds.
        due_at = self._monotonic() + seconds
        self._due_at[call.path] = max(self._due_at.get(call.path, 0.0), due_at)
        return seconds
