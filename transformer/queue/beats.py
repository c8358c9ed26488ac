"""Beats: what each process tells of itself through Redis, so that any of them can see the others.

A beat says that the process lives, for how long its drain has been at work, and all that it counts.
It is a key with an end, so what a killed process left behind goes by itself, and its last counts can
still be read by whoever looks twice a minute. Times are Redis', for machines differ.
"""

import zlib
from dataclasses import dataclass
from typing import Any

import orjson
import redis

from transformer.queue.appends import is_almost_full
from transformer.queue.connection import translated
from transformer.queue.keys import BEATS, PROBE, beat_of

BEAT_EVERY_S = 2.0
SILENT_AFTER_S = 10.0
_KEPT_S = 60


@dataclass(frozen=True, slots=True)
class Beat:
    """What a process said last.

    Args:
        role: web, worker, writer or scheduler.
        instance: HOST:PID, which tells it from the others of its role.
        busy_s: how long its drain had been at work, in seconds; 0: none was.
        snapshot: what it counts (``metrics.Snapshot``).
        stopped: whether it said so with its last beat.
        age_s: how long ago it spoke, by Redis' clock.
    """

    role: str
    instance: str
    busy_s: float
    snapshot: list[list[Any]]
    stopped: bool = False
    age_s: float = 0.0

    @property
    def is_alive(self) -> bool:
        """Whether it can be taken to run now."""
        return not self.stopped and self.age_s < SILENT_AFTER_S


class Beats:
    """Writes one process' beats and reads everybody's."""

    def __init__(self, connection: redis.Redis) -> None:
        self._connection = connection

    def publish(self, beat: Beat) -> None:
        """Say it, in place of what was said before.

        Raises:
            QueueUnavailable: Redis does not answer, or refuses to write.
        """
        name = f"{beat.role}/{beat.instance}"
        told = [beat.role, beat.instance, beat.busy_s, beat.snapshot, beat.stopped]
        # Pressed, because Redis writes each to its disk: 2 KB instead of 15.
        pressed = zlib.compress(orjson.dumps(told), level=1)
        with translated():
            now = self._now()
            with self._connection.pipeline(transaction=False) as pipeline:
                pipeline.set(beat_of(name), pressed, ex=_KEPT_S)
                pipeline.zadd(BEATS, {name: now})
                pipeline.zremrangebyscore(BEATS, "-inf", now - _KEPT_S)
                pipeline.execute()

    def read(self) -> list[Beat]:
        """List what every process said last, those of the last minute, by role and instance.

        Raises:
            QueueUnavailable: Redis does not answer.
        """
        with translated():
            now = self._now()
            spoke: dict[bytes, float] = dict(
                self._connection.zrangebyscore(BEATS, now - _KEPT_S, "+inf", withscores=True)  # type: ignore[arg-type]
            )
            held: list[Any] = []
            if spoke:
                held = self._connection.mget([beat_of(name.decode()) for name in spoke])
        beats = []
        for at, pressed in zip(spoke.values(), held, strict=True):
            if pressed is not None:
                role, instance, busy_s, snapshot, stopped = orjson.loads(zlib.decompress(pressed))
                beats.append(Beat(role, instance, busy_s, snapshot, stopped, max(now - at, 0.0)))
        return sorted(beats, key=lambda beat: (beat.role, beat.instance))

    def accepting(self) -> str | None:
        """Say why Redis takes no webhooks, or None; it is asked for a write, not just an answer.

        Raises:
            QueueUnavailable: Redis does not answer, or refuses to write.
        """
        if is_almost_full(self._connection):
            return "Redis is almost full, so nothing more is accepted."
        with translated():
            self._connection.set(PROBE, 1, ex=_KEPT_S)
        return None

    def _now(self) -> float:
        seconds, microseconds = self._connection.time()
        return float(seconds + microseconds / 1_000_000)
