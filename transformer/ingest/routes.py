"""Which streams a webhook goes to, by the token in its URL.

The table is kept in memory and carries the version of the configuration that it was read at; an
append with an old version is refused by Redis itself (``append.lua``), so a webhook is never
routed by a table that a publish has overtaken.
"""

import re
from collections.abc import Callable
from functools import partial

import anyio.to_thread

from transformer.clock import Clock
from transformer.errors import UnknownSource
from transformer.store.engine import Engine, reading
from transformer.store.routes import Route, find_route

# A bound, not a target: one entry is about 1 KB.
_MOST_ROUTES = 50_000

# Should a publish be stored and its new version not reach Redis, the table is at most so old.
_OLDEST_S = 5.0

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Routes:
    """The routes that were asked for since the configuration last changed."""

    def __init__(self, engine: Engine, *, read_version: Callable[[], str], clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._read_at = 0.0
        self._read_version = read_version
        self._version = ""
        self._routes: dict[str, Route] = {}

    @property
    def version(self) -> str:
        """The version of the configuration that the table was read at."""
        return self._version

    def forget(self) -> None:
        """Read everything anew from here on: the configuration has changed."""
        self._version = ""
        self._routes.clear()

    def known(self, token: str) -> Route | None:
        """Give a route that is in the table, which is read anew when it is old."""
        if self._clock.monotonic() - self._read_at > _OLDEST_S:
            self.forget()
        return self._routes.get(token)

    async def find(self, token: str) -> Route:
        """Find where a webhook goes.

        Raises:
            UnknownSource: no source has this token.
            StoreUnavailable: the database does not answer.
            QueueUnavailable: Redis does not tell the configuration's version.
        """
        route = self.known(token)
        if route is not None:
            return route
        if not _TOKEN.fullmatch(token):
            raise _unknown()
        if not self._version:
            self._read_at = self._clock.monotonic()
            self._version = await anyio.to_thread.run_sync(self._read_version)
        version = self._version
        route = await anyio.to_thread.run_sync(partial(self._read, token))
        if route is None:
            raise _unknown()
        if version == self._version:
            if len(self._routes) >= _MOST_ROUTES:
                self._routes.clear()
            self._routes[token] = route
        return route

    def _read(self, token: str) -> Route | None:
        with reading(self._engine) as connection:
            return find_route(connection, token=token)


def _unknown() -> UnknownSource:
    return UnknownSource(
        "No source has this URL.",
        hint="Copy the webhook URL from the transformation again.",
    )
