"""Asking Redis from the event loop of ``web``.

Commands are packed with hiredis here: the client's own packing, argument by argument in Python, cost
as much as everything else that ingest does for a webhook.
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import hiredis
import redis.asyncio
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import NoScriptError

from transformer.queue.connection import script_text

Word: TypeAlias = bytes | str | int


@asynccontextmanager
async def lent(pool: redis.asyncio.ConnectionPool) -> AsyncIterator[AbstractConnection]:
    """Lend a connection of a pool."""
    connection = await pool.get_connection()  # type: ignore[no-untyped-call]
    try:
        yield connection
    except BaseException:
        # What was sent and not read would be the next one's answer.
        await connection.disconnect(nowait=True)
        raise
    finally:
        await pool.release(connection)


async def ask(connection: AbstractConnection, command: tuple[Word, ...]) -> Any:
    """Send one command and read its answer."""
    # The stub means a tuple of any length.
    packed = hiredis.pack_command(command)  # type: ignore[arg-type]
    await connection.send_packed_command(packed)
    return await connection.read_response()


class Script:
    """A Lua script, sent whole only to a Redis that does not know it.

    Args:
        names: the files that it is made of (:func:`transformer.queue.connection.script_text`).
    """

    def __init__(self, *names: str) -> None:
        self._text = script_text(*names)
        self._digest = hashlib.sha1(self._text.encode(), usedforsecurity=False).hexdigest()

    async def run(
        self, connection: AbstractConnection, keys: Sequence[str], arguments: Sequence[Word]
    ) -> Any:
        """Run it."""
        rest = (len(keys), *keys, *arguments)
        try:
            return await ask(connection, ("EVALSHA", self._digest, *rest))
        except NoScriptError:
            return await ask(connection, ("EVAL", self._text, *rest))
