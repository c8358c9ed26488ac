"""The heart of a process: tells the others every two seconds that it lives, and what it counts.

It has a thread and a connection of its own, so that a long drain does not silence it.
"""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import structlog

from transformer.errors import TransformerError
from transformer.metrics import ProcessMetrics, snapshot_of
from transformer.queue.beats import BEAT_EVERY_S, Beat, Beats
from transformer.queue.connection import open_redis

_log = structlog.get_logger()


class Heart:
    """Beats as long as its block lasts, and says at the end that it stopped.

    Args:
        metrics: who the process is, and what it counts.
        redis_url: where to say it.
        busy_s: tells how long the drain at work has lasted, in seconds.
    """

    def __init__(
        self, metrics: ProcessMetrics, redis_url: str, *, busy_s: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._metrics = metrics
        self._busy_s = busy_s
        self._connection = open_redis(redis_url)
        self._beats = Beats(self._connection)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, name="heart", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """Say that the process stops, and beat no more."""
        self._ending.set()
        self._thread.join()
        self._beat(stopped=True)
        self._connection.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _beat_on(self) -> None:
        self._beat(stopped=False)
        while not self._ending.wait(BEAT_EVERY_S):
            self._beat(stopped=False)

    def _beat(self, *, stopped: bool) -> None:
        metrics = self._metrics
        beat = Beat(
            metrics.role,
            metrics.instance,
            self._busy_s(),
            snapshot_of(metrics.registry),
            stopped=stopped,
        )
        try:
            self._beats.publish(beat)
        except TransformerError as error:
            _log.warning("beat.failed", code=error.code, error=error.message)
