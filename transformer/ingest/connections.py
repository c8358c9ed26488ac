"""The connections that web has open: how many, and how long each may take.

Slow senders cost memory and file descriptors, and there is no end to them: whoever can reach the
port can open ten thousand connections and send a byte a minute on each. One look at all of them
every second costs less than a timer for each request.
"""

import asyncio
from dataclasses import dataclass
from typing import Protocol

_LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Patience:
    """What connections are allowed.

    Args:
        request_s: seconds from a request's first byte (or the connection's beginning) to its last.
        idle_s: seconds without a request on a connection that is kept alive.
        connections: how many may be open at once.
        unfinished_bytes: how much of bodies that have not arrived whole is held at once.
    """

    request_s: float = 30.0
    idle_s: float = 75.0
    connections: int = 20_000
    unfinished_bytes: int = 256 * 1_048_576


class Connection(Protocol):
    """What :class:`Connections` asks of a connection."""

    # Since when a request is arriving, and since when nothing is; None: neither. Loop time.
    arriving_since: float | None
    idle_since: float | None

    def give_up(self) -> None:
        """Answer that the request took too long, and close."""
        ...

    def close_idle(self) -> None:
        """Close."""
        ...


class Connections:
    """All open connections of one event loop."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._open: set[Connection] = set()
        self._timer: asyncio.TimerHandle | None = None
        self.unfinished_bytes = 0

    @property
    def is_full(self) -> bool:
        """Whether no more connections are taken."""
        return len(self._open) > self._patience.connections

    @property
    def holds_too_much(self) -> bool:
        """Whether bodies that have not arrived whole hold all the memory they may."""
        return self.unfinished_bytes > self._patience.unfinished_bytes

    def add(self, connection: Connection) -> None:
        """Look after a connection."""
        self._open.add(connection)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_LOOK_EVERY_S, self._look)

    def discard(self, connection: Connection) -> None:
        """Look after a connection no longer."""
        self._open.discard(connection)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in list(self._open):
            arriving, idle = connection.arriving_since, connection.idle_since
            if arriving is not None and now - arriving > self._patience.request_s:
                connection.give_up()
            elif idle is not None and now - idle > self._patience.idle_s:
                connection.close_idle()
        self._timer = loop.call_later(_LOOK_EVERY_S, self._look) if self._open else None
