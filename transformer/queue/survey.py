"""A survey of the queue: how much waits, since when, and how full Redis is."""

from collections.abc import Sequence
from dataclasses import dataclass

import redis

from transformer.ids import WorkspaceId
from transformer.queue.connection import read_drains, translated
from transformer.queue.keys import DrainKind, kind_of, workspace_of


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


@dataclass(frozen=True, slots=True)
class StreamDelay:
    """How much waits in one stream, and since when its oldest entry does.

    Args:
        stream: its name.
        entries: how many wait; of settlements, batches of them.
        oldest_s: what the next webhook waits for at least, in seconds, as things stand.
    """

    stream: str
    entries: int
    oldest_s: float


def delays(connection: redis.Redis, workspace_id: WorkspaceId) -> list[StreamDelay]:
    """Look at the streams of a workspace that are not empty, the longest delay first.

    Raises:
        QueueUnavailable: Redis does not answer.
    """
    with translated():
        streams = [name for name in read_drains(connection) if workspace_of(name) == workspace_id]
        looked = _look(connection, streams)
    return sorted(looked, key=lambda delay: -delay.oldest_s)


def _look(connection: redis.Redis, streams: Sequence[str]) -> list[StreamDelay]:
    seconds, microseconds = connection.time()
    with connection.pipeline(transaction=False) as pipeline:
        for stream in streams:
            pipeline.xlen(stream)
            pipeline.xrange(stream, count=1)
        answers = pipeline.execute()
    now_s = seconds + microseconds / 1_000_000
    return [
        StreamDelay(stream, entries, max(now_s - int(first[0][0].partition(b"-")[0]) / 1_000, 0.0))
        for stream, entries, first in zip(streams, answers[::2], answers[1::2], strict=True)
        if first
    ]


def survey(connection: redis.Redis) -> Survey:
    """Look at every stream that has a mark, and at Redis' memory.

    Raises:
        QueueUnavailable: Redis does not answer.
    """
    waiting = {kind: Waiting() for kind in DrainKind}
    with translated():
        memory = connection.info("memory")
        looked = _look(connection, read_drains(connection))
    for delay in looked:
        found = waiting[kind_of(delay.stream)]
        found.streams += 1
        found.entries += delay.entries
        found.oldest_s = max(found.oldest_s, delay.oldest_s)
    return Survey(waiting, int(memory["used_memory"]), int(memory.get("maxmemory", 0)))
