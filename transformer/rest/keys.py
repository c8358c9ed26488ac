"""Who calls: API keys, kept in memory while the configuration is the one they were read at.

The version of the configuration comes with each call's count (``queue/windows.py``), so a key that was
deleted opens nothing from the next call on, in every process.
"""

import asyncio
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool

from transformer.api_key import ApiKey, read_key_text
from transformer.clock import Clock
from transformer.errors import StoreUnavailable
from transformer.ids import KeyId
from transformer.rest.errors import unauthorized
from transformer.store.api_keys import find_key, note_seen
from transformer.store.engine import Engine, reading, writing
from transformer.store.limits import read_workspace_limits

# A bound, not a target.
_MOST_KEYS = 50_000
_SEEN_EVERY_S = 60.0

_INVALID = "Invalid API key"


class Caller(NamedTuple):
    """A key, and how many entries may wait on its workspace's stream; 0: any number."""

    key: ApiKey
    most_waiting: int


class Keys:
    """The keys that were used since the configuration last changed; used from one event loop.

    Args:
        engine: where they are stored.
        clock: says when they are used.
        backlog_limit: how many entries may wait for a workspace that has no limit of its own.
    """

    def __init__(self, engine: Engine, *, clock: Clock, backlog_limit: int) -> None:
        self._engine = engine
        self._clock = clock
        self._backlog_limit = backlog_limit
        self._version = ""
        self._callers: dict[KeyId, Caller] = {}
        self._noted_at: dict[KeyId, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def is_current(self, version: str) -> bool:
        """Say whether what is kept was read at this version of the configuration; if not, drop it."""
        if version == self._version:
            return True
        self._version = version
        self._callers.clear()
        return False

    async def find(self, authorization: str | None) -> Caller:
        """Find who calls.

        Raises:
            Refused: 401, there is no key, or one that opens nothing.
            StoreUnavailable: the database does not answer.
        """
        scheme, _, text = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            raise unauthorized("Unauthorized: send your API key as `Authorization: Bearer KEY`")
        named = read_key_text(text.strip())
        if named is None:
            raise unauthorized(_INVALID)
        key_id, secret = named
        caller = self._callers.get(key_id)
        if caller is None:
            version = self._version
            caller = await run_in_threadpool(self._read, key_id)
            if version == self._version:
                if len(self._callers) >= _MOST_KEYS:
                    self._callers.clear()
                self._callers[key_id] = caller
        if not caller.key.opens_with(secret):
            raise unauthorized(_INVALID)
        return caller

    def note_use(self, key_id: KeyId) -> None:
        """Note, once a minute, that a key is used."""
        now = self._clock.monotonic()
        if now - self._noted_at.get(key_id, -_SEEN_EVERY_S) < _SEEN_EVERY_S:
            return
        if len(self._noted_at) >= _MOST_KEYS:
            self._noted_at.clear()
        self._noted_at[key_id] = now
        task = asyncio.create_task(run_in_threadpool(self._note_seen, key_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Finish what was begun."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _read(self, key_id: KeyId) -> Caller:
        with reading(self._engine) as connection:
            key = find_key(connection, key_id=key_id)
            if key is None:
                raise unauthorized(_INVALID)
            limits = read_workspace_limits(connection, workspace_id=key.workspace_id)
        own = limits.backlog_limit
        return Caller(key, self._backlog_limit if own is None else own)

    def _note_seen(self, key_id: KeyId) -> None:
        try:
            with writing(self._engine) as connection:
                note_seen(connection, key_id=key_id, at=self._clock.now())
        except StoreUnavailable:
            # The call itself needs no database; it is noted a minute later.
            return
