"""What condition Redis is in: read for `transformer doctor`, judged in cli/warnings.py."""

import time
from dataclasses import dataclass

import redis

from transformer.queue.connection import translated
from transformer.queue.durability import Weakness, weaknesses
from transformer.queue.survey import survey


@dataclass(frozen=True, slots=True)
class RedisCondition:
    """What one look found.

    Args:
        version: as Redis tells it; Valkey tells the Redis that it is compatible with.
        memory_bytes: what is used now.
        memory_limit_bytes: maxmemory; 0: none.
        aof_bytes: the size of its append-only file; 0: it has none.
        oldest_s: how long the oldest entry has waited.
        ahead_s: how far its clock is ahead of ours.
        weaknesses: settings that can cost webhooks; None where we may not look.
    """

    version: str
    memory_bytes: int
    memory_limit_bytes: int
    aof_bytes: int
    oldest_s: float
    ahead_s: float
    weaknesses: list[Weakness] | None


def read_condition(connection: redis.Redis) -> RedisCondition:
    """Look at Redis.

    Raises:
        QueueUnavailable: it does not answer.
    """
    with translated():
        server = connection.info("server")
        persistence = connection.info("persistence")
        asked_at = time.time()
        seconds, microseconds = connection.time()
        answered_at = time.time()
    found = survey(connection)
    return RedisCondition(
        version=str(server["redis_version"]),
        memory_bytes=found.memory_bytes,
        memory_limit_bytes=found.memory_limit_bytes,
        aof_bytes=int(persistence.get("aof_current_size", 0)),
        oldest_s=max(waiting.oldest_s for waiting in found.waiting.values()),
        ahead_s=seconds + microseconds / 1_000_000 - (asked_at + answered_at) / 2,
        weaknesses=weaknesses(connection),
    )
