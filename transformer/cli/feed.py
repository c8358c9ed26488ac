"""When each request is sent: at once when a connection is free, or when it is due.

A sender that waits for an answer before it sends the next request asks a slow server less often, and
so never meets the delay that it has just caused. With a rate, request n is due n / rate seconds after
the start, whatever became of the others, and its latency counts from then: time spent waiting for a
free connection is time that a real sender's webhook would have waited too.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple, TypeAlias

from transformer.cli.prepared import Prepared

# The event loop's timers count milliseconds: no schedule is kept closer than that.
_TICK_S = 0.001


class Due(NamedTuple):
    """A request that is to be sent now; without ``due_at`` its latency counts from the sending."""

    request: Prepared
    due_at: float | None = None


Resume: TypeAlias = Callable[[Due | None], None]
"""What a connection that waits is told: its next request, or None: it is not needed any more."""


class AtOnce:
    """Gives each free connection the next request."""

    def __init__(self, requests: Iterator[Prepared]) -> None:
        self._requests = requests

    async def run(self) -> None:
        """Do nothing: connections ask by themselves."""

    async def first(self) -> Due | None:
        """Give the request that a new connection is to be opened for; None: there is none."""
        return self._next()

    def take(self, resume: Resume) -> None:
        """Tell a free connection what to do."""
        resume(self._next())

    def forget(self, resume: Resume) -> None:
        """Do nothing: nobody waits here."""

    def _next(self) -> Due | None:
        request = next(self._requests, None)
        return None if request is None else Due(request)


class Paced:
    """Gives requests away when they are due, in order; connections wait for them here.

    Args:
        requests: all of them, taken one by one.
        per_second: how many are due each second.
        clock: gives seconds; latencies are to be counted on the same one.
    """

    def __init__(
        self,
        requests: Iterator[Prepared],
        *,
        per_second: float,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._requests = requests
        self._per_second = per_second
        self._upcoming = next(requests, None)
        self._clock = clock
        self._started_at: float | None = None
        self._begun = 0
        # The connection used last is taken first, so that no more are opened than are needed.
        self._resting: list[Resume] = []
        self._openers: deque[asyncio.Future[Due | None]] = deque()

    async def run(self) -> None:
        """Keep the schedule, from now on, until every request was given away."""
        self._started_at = self._clock()
        while self._upcoming is not None:
            self._give_away()
            wait_s = self._due_at(self._started_at) - self._clock()
            await asyncio.sleep(max(wait_s, _TICK_S))
        self._send_home()

    async def first(self) -> Due | None:
        """Wait for a request that no open connection is free for; None: there is none left."""
        due = self._next()
        if due is not None or self._upcoming is None:
            return due
        waiting: asyncio.Future[Due | None] = asyncio.get_running_loop().create_future()
        self._openers.append(waiting)
        return await waiting

    def take(self, resume: Resume) -> None:
        """Tell a free connection what to do, as soon as that is known."""
        due = self._next()
        if due is None and self._upcoming is not None:
            self._resting.append(resume)
        else:
            resume(due)

    def forget(self, resume: Resume) -> None:
        """Count no longer on a connection that was lost."""
        with suppress(ValueError):
            self._resting.remove(resume)

    def _give_away(self) -> None:
        while (self._resting or self._openers) and (due := self._next()) is not None:
            if self._resting:
                self._resting.pop()(due)
            else:
                self._openers.popleft().set_result(due)

    def _next(self) -> Due | None:
        if self._upcoming is None or self._started_at is None:
            return None
        due_at = self._due_at(self._started_at)
        if due_at > self._clock():
            return None
        due = Due(self._upcoming, due_at)
        self._begun += 1
        self._upcoming = next(self._requests, None)
        return due

    def _due_at(self, started_at: float) -> float:
        return started_at + self._begun / self._per_second

    def _send_home(self) -> None:
        for resume in self._resting:
            resume(None)
        for waiting in self._openers:
            waiting.set_result(None)
        self._resting.clear()
        self._openers.clear()
