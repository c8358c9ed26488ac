"""The page of `/metrics`: what all processes count, and what is true of the queue they share."""

import redis
from prometheus_client import CollectorRegistry, generate_latest

from transformer.errors import TransformerError
from transformer.metrics import ProcessMetrics, QueueMetrics, page_of, snapshot_of
from transformer.queue.beats import Beat, Beats
from transformer.queue.survey import survey


class MetricsPage:
    """Writes the page anew each time it is asked for.

    Args:
        process: the process that answers, whose counts are read where they are.
        connection: to Redis.
    """

    def __init__(self, process: ProcessMetrics, connection: redis.Redis) -> None:
        self._process = process
        self._connection = connection
        self._beats = Beats(connection)

    def __call__(self) -> bytes:
        """Give the page; while Redis does not answer, of this process alone."""
        process = self._process
        own = (process.role, process.instance, snapshot_of(process.registry))
        others = [
            (beat.role, beat.instance, beat.snapshot)
            for beat in self._heard()
            if (beat.role, beat.instance) != own[:2]
        ]
        return page_of([own, *others]) + self._of_the_queue()

    def _heard(self) -> list[Beat]:
        try:
            return self._beats.read()
        except TransformerError:
            return []  # transformer_redis_up says so

    def _of_the_queue(self) -> bytes:
        registry = CollectorRegistry()
        metrics = QueueMetrics(registry)
        try:
            found = survey(self._connection)
        except TransformerError:
            metrics.unknown()
            return generate_latest(registry)
        metrics.answers.set(1)
        metrics.memory.set(found.memory_bytes)
        metrics.memory_limit.set(found.memory_limit_bytes)
        metrics.backlog.set(sum(waiting.entries for waiting in found.waiting.values()))
        for kind, waiting in found.waiting.items():
            metrics.entries.labels(kind.value).set(waiting.entries)
            metrics.streams.labels(kind.value).set(waiting.streams)
            metrics.oldest.labels(kind.value).set(waiting.oldest_s)
        return generate_latest(registry)
