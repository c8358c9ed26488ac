"""A survey of the queue: how much waits, since when, and how full Redis is."""

from dataclasses import dataclass

import redis

from transformer.queue.connection import read_drains, translated
from transformer.queue.keys import DrainKind, kind_of


@dataclass(slots=True)
class Waiting:
    """What waits for one kind of drain."""

    streams: int = 0
    entries: int = 0
    oldest_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Survey:
    """What one look found; ``memory_limit_bytes`` is 0 where Redis has none."""

    waiting: dict[DrainKind, Waiting]
    memory_bytes: int
    memory_limit_bytes: int


def survey(connection: redis.Redis) -> Survey:
    """Look at every stream that has a mark, and at Redis' memory.

    Raises:
        QueueUnavailable: Redis does not answer.
    """
    waiting = {kind: Waiting() for kind in DrainKind}
    with translated():
        memory = connection.info("memory")
        seconds, microseconds = connection.time()
        streams = read_drains(connection)
        with connection.pipeline(transaction=False) as pipeline:
            for stream in streams:
                pipeline.xlen(stream)
                pipeline.xrange(stream, count=1)
            answers = pipeline.execute()
    now_s = seconds + microseconds / 1_000_000
    for stream, entries, first in zip(streams, answers[::2], answers[1::2], strict=True):
        if not first:
            continue
        found = waiting[kind_of(stream)]
        found.streams += 1
        found.entries += entries
        appended_s = int(first[0][0].partition(b"-")[0]) / 1_000
        found.oldest_s = max(found.oldest_s, now_s - appended_s)
    return Survey(waiting, int(memory["used_memory"]), int(memory.get("maxmemory", 0)))
