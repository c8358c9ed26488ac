"""Which streams a webhook goes to, by the token in its URL.

The table is kept in memory and carries the version of the configuration that it was read at; an
append with an old version is refused by Redis itself (``append.lua``), so a webhook is never
routed by a table that a publish has overtaken. That holds for as long as a table is kept, and so it
serves on while the database is away: what is accepted waits in Redis
(tests/faults/test_database.py).
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import anyio.to_thread

from transformer.clock import Clock
from transformer.errors import StoreUnavailable, UnknownSource
from transformer.queue.appends import Bucket
from transformer.queue.keys import source_rate, workspace_rate
from transformer.store.engine import Engine, reading
from transformer.store.routes import Route, find_route

# A bound, not a target: one entry is about 1 KB.
_MOST_ROUTES = 50_000

# Should a publish be stored and its new version not reach Redis, what is known is read again after so
# long, while it serves on.
_OLDEST_S = 5.0

# Reads at once, of the threads that all of web shares: each may wait long for a database that is away.
_MOST_RENEWING = 4

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class DefaultLimits:
    """What holds for sources and workspaces that have no limits of their own; 0: no limit."""

    source_rate_per_s: int = 0
    workspace_rate_per_s: int = 0
    backlog: int = 0


@dataclass(frozen=True, slots=True)
class Way:
    """A route, and what is asked of a webhook that takes it.

    Args:
        buckets: the rates that it counts for.
        most_waiting: how many events may wait before it for a transformation; 0: any number.
    """

    route: Route
    buckets: tuple[Bucket, ...]
    most_waiting: int


class Routes:
    """The routes that were asked for since the configuration last changed."""

    def __init__(
        self,
        engine: Engine,
        *,
        read_version: Callable[[], str],
        clock: Clock,
        limits: DefaultLimits | None = None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._read_at = 0.0
        self._read_version = read_version
        self._version = ""
        self._limits = limits or DefaultLimits()
        self._ways: dict[str, Way] = {}
        # What the tables before this one knew of the same version.
        self._old: dict[str, Way] = {}
        self._old_version = ""
        self._renewing: dict[str, asyncio.Task[None]] = {}
        self._few = asyncio.Semaphore(_MOST_RENEWING)

    @property
    def version(self) -> str:
        """The version of the configuration that the table was read at."""
        return self._version

    def forget(self) -> None:
        """Read everything anew from here on: the configuration has changed."""
        self._version = ""
        self._ways.clear()
        self._old.clear()

    def known(self, token: str) -> Way | None:
        """Give a route that is in the table, which is read anew when it is old."""
        if self._clock.monotonic() - self._read_at > _OLDEST_S:
            self._put_aside()
        return self._ways.get(token)

    async def find(self, token: str) -> Way:
        """Find where a webhook goes.

        Raises:
            UnknownSource: no source has this token.
            StoreUnavailable: the database does not answer.
            QueueUnavailable: Redis does not tell the configuration's version.
        """
        way = self.known(token)
        if way is not None:
            return way
        if not _TOKEN.fullmatch(token):
            raise _unknown()
        if not self._version:
            self._read_at = self._clock.monotonic()
            self._version = await anyio.to_thread.run_sync(self._read_version)
        version = self._version
        way = self._old.get(token) if version == self._old_version else None
        if way is None:
            way = await self._read(token, version)
        else:
            # Redis says that nothing has changed: no sender waits for a database that may be away.
            self._ways[token] = way
            self._renew_behind(token, version)
        if way is None:
            raise _unknown()
        return way

    async def _read(self, token: str, version: str) -> Way | None:
        """Read a route into the table, if that is of this version still; None: there is none."""
        route = await anyio.to_thread.run_sync(partial(self._find_route, token))
        way = None if route is None else self._way(route)
        if version == self._version:
            if way is None:
                self._ways.pop(token, None)
                self._old.pop(token, None)
            else:
                if len(self._ways) >= _MOST_ROUTES:
                    self._ways.clear()
                self._ways[token] = way
        return way

    def _renew_behind(self, token: str, version: str) -> None:
        if token not in self._renewing:
            self._renewing[token] = asyncio.create_task(self._renew(token, version))

    async def _renew(self, token: str, version: str) -> None:
        try:
            async with self._few:
                await self._read(token, version)
        except StoreUnavailable:
            pass  # readyz says so, and whoever needs what is not known yet is told
        finally:
            del self._renewing[token]

    def _put_aside(self) -> None:
        if self._ways:
            kept = self._old if self._old_version == self._version else {}
            fits = len(kept) + len(self._ways) <= _MOST_ROUTES
            self._old = kept | self._ways if fits else self._ways
            self._old_version = self._version
        self._ways = {}
        self._version = ""

    def _way(self, route: Route) -> Way:
        source, of_source, of_workspace = (
            route.source,
            route.source_limits,
            route.workspace_limits,
        )
        rates = (
            (
                source_rate(source.workspace_id, source.id),
                _chosen(of_source.rate_per_s, self._limits.source_rate_per_s),
            ),
            (
                workspace_rate(source.workspace_id),
                _chosen(of_workspace.rate_per_s, self._limits.workspace_rate_per_s),
            ),
        )
        return Way(
            route=route,
            buckets=tuple(Bucket(key, rate) for key, rate in rates if rate),
            most_waiting=_chosen(of_workspace.backlog_limit, self._limits.backlog),
        )

    def _find_route(self, token: str) -> Route | None:
        with reading(self._engine) as connection:
            return find_route(connection, token=token)


def _chosen(own: int | None, default: int) -> int:
    return default if own is None else own


def _unknown() -> UnknownSource:
    return UnknownSource(
        "No source has this URL.",
        hint="Copy the webhook URL from the transformation again.",
    )
