"""Counting requests of the REST API in windows of time, for all processes of web together."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import redis.asyncio

from transformer.errors import TransformerError
from transformer.queue.asking import Script, Word, lent
from transformer.queue.connection import translated
from transformer.queue.keys import CONFIG_VERSION

# Requests counted in one round trip; more only make the answer later.
_MOST_TOGETHER = 512


class Window(NamedTuple):
    """So many requests may be counted on a key in each window; 0: any number, and none is counted."""

    key: str
    most: int
    seconds: int


class Counted(NamedTuple):
    """What a window says to a request.

    Args:
        config_version: the version of the configuration in the moment of counting.
        left: how many requests more the window takes; -1: not even this one, which is not counted.
        ends_at_s: when the window ends, by the clock of Redis: seconds since 1970.
        ends_in_s: in how many seconds that is.
    """

    config_version: str
    left: int
    ends_at_s: float
    ends_in_s: float


class Windows:
    """Counts from one event loop; requests that come while a count is on its way are counted next."""

    def __init__(self, pool: redis.asyncio.ConnectionPool) -> None:
        self._pool = pool
        self._script = Script("windows")
        self._waiting: list[tuple[Window, asyncio.Future[Counted]]] = []
        self._counter: asyncio.Task[None] | None = None

    async def count(self, window: Window) -> Counted:
        """Count one request.

        Raises:
            QueueUnavailable: Redis does not answer, or refuses to write.
        """
        counted: asyncio.Future[Counted] = asyncio.get_running_loop().create_future()
        self._waiting.append((window, counted))
        if self._counter is None:
            self._counter = asyncio.create_task(self._count_all())
        return await counted

    async def close(self) -> None:
        """Answer who waits, and close the connections."""
        if self._counter is not None:
            await asyncio.gather(self._counter, return_exceptions=True)
        await self._pool.disconnect()

    async def _count_all(self) -> None:
        try:
            while self._waiting:
                group = self._waiting[:_MOST_TOGETHER]
                del self._waiting[:_MOST_TOGETHER]
                try:
                    answers = await self._ask([window for window, _ in group])
                except TransformerError as error:
                    for _, counted in group:
                        _resolve(counted, error)
                else:
                    for (_, counted), answer in zip(group, answers, strict=True):
                        _resolve(counted, answer)
        finally:
            self._counter = None

    async def _ask(self, windows: Sequence[Window]) -> list[Counted]:
        arguments: list[Word] = []
        for window in windows:
            arguments += (window.most, window.seconds)
        keys = [CONFIG_VERSION, *(window.key for window in windows)]
        with translated():
            async with lent(self._pool) as connection:
                version, now_ms, *told = await self._script.run(connection, keys, arguments)
        name = version.decode()
        return [
            Counted(name, left, ends_ms / 1_000, (ends_ms - now_ms) / 1_000)
            for left, ends_ms in zip(told[::2], told[1::2], strict=True)
        ]


def _resolve(counted: asyncio.Future[Counted], answer: Counted | TransformerError) -> None:
    if counted.done():  # the request was cancelled
        return
    if isinstance(answer, TransformerError):
        counted.set_exception(answer)
    else:
        counted.set_result(answer)
