"""Replies: what the writer has to say to a process of web that waits for it.

Each process has one list, so one connection waits for all of its requests. A reply that nobody
fetches, because its process has died, goes with its list.
"""

import uuid
from collections.abc import Sequence
from typing import NamedTuple

import redis
import redis.asyncio

from transformer.queue.asking import ask, lent
from transformer.queue.connection import translated
from transformer.queue.keys import replies_of

_KEPT_S = 60
# The connection itself gives up later than that.
_LOOK_EVERY_S = 2


class Reply(NamedTuple):
    """A JSON text for a list."""

    to: str
    text: bytes


def send_replies(connection: redis.Redis, replies: Sequence[Reply]) -> None:
    """Put replies on their lists.

    Raises:
        QueueUnavailable: Redis does not answer; some may have been put there.
    """
    with translated(), connection.pipeline(transaction=False) as pipeline:
        for reply in replies:
            pipeline.rpush(reply.to, reply.text)
            pipeline.expire(reply.to, _KEPT_S)
        pipeline.execute()


class ReplyList:
    """The list of one process; used from its event loop."""

    def __init__(self, pool: redis.asyncio.ConnectionPool) -> None:
        self._pool = pool
        self.name = replies_of(uuid.uuid4().hex)

    async def next(self) -> bytes | None:
        """Wait for a reply; None where none has come for two seconds.

        Raises:
            QueueUnavailable: Redis does not answer.
        """
        with translated():
            async with lent(self._pool) as connection:
                found = await ask(connection, ("BLPOP", self.name, _LOOK_EVERY_S))
        return None if found is None else bytes(found[1])

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.disconnect()
