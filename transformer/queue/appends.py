"""Appending: what webhooks wish for is held in one round trip, or refused.

What may be appended, how fast and how much, is decided by the script (``append.lua``) in the moment it
appends; what becomes of the entries is the business of ``streams.py``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import redis
import redis.asyncio

from transformer.errors import QueueUnavailable
from transformer.queue.asking import Script, ask, lent
from transformer.queue.connection import translated
from transformer.queue.jobs import new_job_id
from transformer.queue.keys import CONFIG_VERSION, DRAINS, mark_of

# The share of Redis' memory (maxmemory, where it is set) that accepting may fill; settling may fill
# more (streams.py). The rest stays free for RQ's jobs and for marks.
ALMOST_FULL = 0.8


class Append(NamedTuple):
    """One entry to be appended: field names and values in turn.

    ``most`` is how many entries the stream may hold before it; 0: any number.
    """

    stream: str
    fields: tuple[bytes | str, ...]
    most: int = 0


class Bucket(NamedTuple):
    """A token bucket, full after a second without any webhook: so many may come at once."""

    key: str
    tokens_per_s: int


class Wish(NamedTuple):
    """What one webhook wishes for: all of its entries, for a token of each of its buckets."""

    appends: Sequence[Append]
    buckets: Sequence[Bucket] = ()


@dataclass(frozen=True, slots=True)
class DueDrain:
    """A drain whose mark is set and whose job must now be enqueued."""

    stream: str
    job_id: str


@dataclass(frozen=True, slots=True)
class Held:
    """What became of wishes.

    Args:
        due: the drains that are due now.
        refused: the wishes that were not met, by their place, and after how many seconds they might
            be.
    """

    due: list[DueDrain]
    refused: dict[int, float]


class StaleConfig(Exception):
    """The configuration changed since the caller read it; nothing was appended."""


class Crowded(Exception):
    """Some streams hold as many entries as they may; nothing was appended.

    Args:
        streams: their names.
    """

    def __init__(self, streams: set[str]) -> None:
        super().__init__(", ".join(sorted(streams)))
        self.streams = streams


class Appender:
    """Appends from the event loop of ``web``, over connections of its own."""

    def __init__(
        self,
        pool: redis.asyncio.ConnectionPool,
        *,
        wait_replicas: int = 0,
        wait_timeout_ms: int = 1_000,
    ) -> None:
        self._pool = pool
        self._wait_replicas = wait_replicas
        self._wait_timeout_ms = wait_timeout_ms
        self._script = Script("memory", "admission", "append")

    async def append(self, wishes: Sequence[Wish], *, config_version: str = "") -> Held:
        """Append what webhooks wish for, in one round trip: all of it, but for what is over a rate.

        Raises:
            StaleConfig: ``config_version`` is not the present one.
            Crowded: a stream holds as much as it may; nothing was appended.
            QueueUnavailable: Redis does not answer, or refuses to write; or it holds the entries,
                but too few of its replicas said in time that they do, too.
        """
        keys, arguments = append_arguments(wishes, config_version)
        with translated():
            async with lent(self._pool) as connection:
                answer = await self._script.run(connection, keys, arguments)
                replicas = self._wait_replicas and await ask(
                    connection, ("WAIT", self._wait_replicas, self._wait_timeout_ms)
                )
        held = held_of(answer)
        if replicas < self._wait_replicas:
            # The drains that are due get no job here: rescue brings it.
            raise QueueUnavailable(
                f"Redis holds the webhook, but {replicas} of {self._wait_replicas} replicas said in "
                f"{self._wait_timeout_ms} ms that they do.",
                hint="Send again; if Redis is not replaced meanwhile, it is then held twice.",
            )
        return held

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.disconnect()


def append_arguments(
    wishes: Sequence[Wish], config_version: str
) -> tuple[list[str], list[bytes | str | int]]:
    """Give keys and arguments of append.lua; wishes without a rate or a limit cost it nothing."""
    keys = [CONFIG_VERSION, DRAINS]
    places: dict[str, int] = {}
    limits: list[int] = []
    entries: list[bytes | str | int] = []
    for number, (appends, buckets) in enumerate(wishes):
        if buckets:
            entries += (0, len(buckets), len(appends), number)
            for key, tokens_per_s in buckets:
                place = places.get(key)
                if place is None:
                    keys.append(key)
                    place = places[key] = len(keys)
                entries += (place, tokens_per_s, tokens_per_s)
        for stream, fields, most in appends:
            place = places.get(stream)
            if place is None:
                keys += (stream, mark_of(stream))
                place = places[stream] = len(keys) - 1
                if most:
                    limits += (place, most)
            entries += (place, len(fields), *fields)
    head = (config_version, new_job_id(), str(ALMOST_FULL), len(limits) // 2)
    return keys, [*head, *limits, *entries]


def held_of(answer: list[Any]) -> Held:
    """Read what append.lua answers.

    Raises:
        StaleConfig: the configuration changed since the caller read it.
        Crowded: a stream holds as much as it may.
        QueueUnavailable: Redis is almost full.
    """
    match answer[0]:
        case b"stale":
            raise StaleConfig
        case b"crowded":
            raise Crowded({name.decode() for name in answer[1:]})
        case b"full":
            raise _almost_full()
        case _:
            pass
    refused = answer[1]
    return Held(
        due=_due_drains(answer[2:]),
        refused={refused[at]: refused[at + 1] / 1_000_000 for at in range(0, len(refused), 2)},
    )


def due_drains(answer: list[bytes]) -> list[DueDrain]:
    """Read what the script that appends pages of replays answers."""
    if answer[0] == b"full":
        raise _almost_full()
    return _due_drains(answer[1:])


def _due_drains(names: list[bytes]) -> list[DueDrain]:
    return [DueDrain(names[at].decode(), names[at + 1].decode()) for at in range(0, len(names), 2)]


def _almost_full() -> QueueUnavailable:
    return QueueUnavailable(
        f"Redis is more than {ALMOST_FULL:.0%} full; the rest is kept for what is accepted.",
        hint="Send again later; the operator gives Redis more memory, or more workers.",
    )


def is_almost_full(connection: redis.Redis) -> bool:
    """Say whether more of Redis' memory is in use than accepting may fill.

    Raises:
        QueueUnavailable: Redis does not answer.
    """
    with translated():
        memory = connection.info("memory")
    return 0 < int(memory.get("maxmemory", 0)) * ALMOST_FULL < int(memory["used_memory"])
