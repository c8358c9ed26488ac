"""Rescue: finds streams whose drain vanished, and gives them a new one (I1).

A drain vanishes when a process dies between a script that sets a mark and RQ's enqueue, between
RQ's dequeue and the claim, or in the middle of a drain. The first two show as a queued mark whose
job waits in no queue, the last as a running mark whose lease ran out.

A Redis of another generation (started again, promoted, put in the place of another) may know less
than its last one did: the first look at it also searches for entries that no mark stands for, and
makes everybody read the configuration anew.
"""

import redis

from transformer.queue.connection import read_drains, script_text, translated
from transformer.queue.jobs import Jobs, new_job_id
from transformer.queue.keys import (
    CONFIG_VERSION,
    DRAINS,
    GENERATION,
    NOTICED,
    STREAMS,
    DrainKind,
    kind_of,
    mark_of,
)
from transformer.queue.streams import LEASE_MS, LONGEST_DELAY_MS
from transformer.stops import Stops

_SCAN_COUNT = 1_000


class Rescuer:
    """Looks at every mark; cheap enough to run each second."""

    def __init__(
        self,
        connection: redis.Redis,
        jobs: Jobs,
        stops: Stops | None = None,
        *,
        longest_lease_ms: int = LEASE_MS,
    ) -> None:
        self._connection = connection
        self._jobs = jobs
        self._stops = stops or Stops()
        # A stream whose drain failed waits by its mark's deadline too.
        self._longest_lease_ms = max(longest_lease_ms, LONGEST_DELAY_MS)
        self._generation = b""
        self._current = connection.register_script(script_text("generation", "current"))
        self._remark = connection.register_script(script_text("remark"))
        self._rescue = connection.register_script(script_text("rescue"))

    def rescue(self, overdue: list[tuple[str, str]] | None = None) -> list[str]:
        """Enqueue a new drain for each stream that lost its own; gives those streams.

        Args:
            overdue: what :meth:`overdue` gave; None: look now.

        Raises:
            QueueUnavailable: Redis does not answer; the next call finds what is left.
        """
        self._notice_generation()
        if overdue is None:
            overdue = self.overdue()
        if not overdue:
            return []
        waiting = {kind: self._jobs.waiting(kind) for kind in DrainKind}
        rescued = []
        for stream, job_id in overdue:
            if job_id in waiting[kind_of(stream)]:
                continue  # not lost, only behind other streams
            next_job = new_job_id()
            with translated():
                answer = self._rescue(
                    keys=[mark_of(stream), stream, DRAINS],
                    args=[job_id, next_job, self._longest_lease_ms],
                )
            if answer == b"more":
                self._stops.reach("after-rescue")
                self._jobs.enqueue(stream, job_id=next_job)
                rescued.append(stream)
        return rescued

    def overdue(self) -> list[tuple[str, str]]:
        """List the streams, with the jobs their marks name, whose lease or patience has run out.

        A deadline further away than the longest lease was set by a clock that has jumped back.
        """
        with translated():
            seconds, microseconds = self._connection.time()
            now_ms = seconds * 1_000 + microseconds // 1_000
            streams = read_drains(self._connection)
            with self._connection.pipeline(transaction=False) as pipeline:
                for stream in streams:
                    pipeline.hmget(mark_of(stream), "job", "deadline")
                marks = pipeline.execute()
        return [
            (stream, job.decode())
            for stream, (job, deadline) in zip(streams, marks, strict=True)
            if job is not None and not 0 <= int(deadline) - now_ms <= self._longest_lease_ms
        ]

    def _notice_generation(self) -> None:
        with translated():
            generation: bytes = self._current(keys=[GENERATION])
            if generation == self._generation:
                return
            for pattern in STREAMS:
                for name in self._connection.scan_iter(pattern, count=_SCAN_COUNT, _type="stream"):
                    stream = name.decode()
                    self._remark(keys=[mark_of(stream), stream, DRAINS], args=[new_job_id()])
            # Only where nobody has looked at this generation: that a scheduler was started again changes no
            # configuration, and web must not have to read it while the database is away.
            if self._connection.get(NOTICED) != generation:
                self._connection.set(CONFIG_VERSION, new_job_id())
                self._connection.set(NOTICED, generation)
        self._generation = generation
