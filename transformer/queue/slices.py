"""A slice: how long a drain works on its stream before the others have their turn (I3).

What a drain does with a batch is its own business; when it begins, goes on, lingers and ends, and
what an end hands over, is the same for all of them.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

import structlog
from prometheus_client import CollectorRegistry

from transformer.clock import Clock
from transformer.errors import QueueUnavailable, Unavailable
from transformer.ids import WorkspaceId
from transformer.metrics import DrainMetrics
from transformer.queue.jobs import Jobs
from transformer.queue.keys import kind_of, workspace_of
from transformer.queue.lease import Lease
from transformer.queue.streams import Fenced, Streams
from transformer.stops import Stops

SLICE_S = 0.5

# With others waiting, a drain gives way after so long, at the end of a batch (pace.py): what a single
# webhook waits for behind a flood is a few hundredths of a second a stage.
TURN_S = 0.02

# A stream that is being written to is asked again after so long, instead of ending the drain: under
# load batches fill up and RQ is not asked for each; a webhook that comes alone never waits for it.
LINGER_S = 0.01
_LINGER_FROM = 8

Step: TypeAlias = Callable[[str, str], int]
"""Works off one batch of (stream, job id); gives how much it was, 0 when nothing is left."""

_log = structlog.get_logger()


def _alike(_workspace_id: WorkspaceId) -> int:
    return 1


class Slices:
    """Drains streams, a slice at a time.

    Args:
        weigh: gives a workspace's weight: how many times as long its turns and slices are.
    """

    def __init__(
        self,
        *,
        streams: Streams,
        jobs: Jobs,
        clock: Clock,
        stops: Stops,
        weigh: Callable[[WorkspaceId], int] = _alike,
        metrics: DrainMetrics | None = None,
    ) -> None:
        self.lease = Lease(streams, clock)
        self._streams = streams
        self._weigh = weigh
        self._jobs = jobs
        self._clock = clock
        self._stops = stops
        self._metrics = metrics or DrainMetrics(CollectorRegistry(), clock)
        # Streams whose last try shall not count, and Redis does not know it yet.
        self._spared: set[str] = set()

    def work(self, stream: str, job_id: str, step: Step) -> None:
        """Work for one slice, and hand the rest to the next job.

        Raises:
            Unavailable: something we need fails us; rescue brings a new drain, later each time.
        """
        self._metrics.begin()
        end = "broke"
        try:
            end = self._drain(stream, job_id, step)
        except Unavailable as error:
            end = "unavailable"
            _log.warning("drain.failed", stream=stream, code=error.code, error=error.message)
            raise
        except Exception:
            _log.exception("drain.broke", stream=stream)
            raise
        finally:
            self._metrics.end(end)

    def _drain(self, stream: str, job_id: str, step: Step) -> str:
        """Work for one slice; says how it ended."""
        self._forget_spared()
        self._stops.reach("before-claim")
        if not self._streams.claim(stream, job_id):
            return "stale"
        self.lease.take(stream, job_id)
        try:
            self._step_on(stream, job_id, step)
            self._stops.reach("before-finish")
            due = self._streams.finish(stream, job_id)
            self._stops.reach("after-finish")
        except Unavailable as error:
            # Nobody's doing on this stream, so not a step towards a dead letter. If it is Redis
            # that fails us, it is told when it is back.
            self._spared.add(stream)
            with suppress(QueueUnavailable):
                self._forget_spared()
            if not isinstance(error, QueueUnavailable):
                self._postpone(stream, job_id)
            raise
        except Fenced:
            _log.warning("drain.fenced", stream=stream)
            return "fenced"
        except Exception:
            self._postpone(stream, job_id)
            raise
        finally:
            self.lease.give_up()
        if due is not None:
            self._jobs.enqueue(due.stream, job_id=due.job_id)
        return "done"

    def _postpone(self, stream: str, job_id: str) -> None:
        # Where Redis is what fails us, the lease runs out instead.
        self.lease.give_up()
        with suppress(QueueUnavailable):
            delay_ms = self._streams.postpone(stream, job_id)
            if delay_ms < 0:
                _log.warning("drain.fenced", stream=stream)
            else:
                _log.warning("drain.postponed", stream=stream, delay_ms=delay_ms)

    def _forget_spared(self) -> None:
        for stream in list(self._spared):
            self._streams.forget_tries(stream)
            self._spared.discard(stream)

    def _step_on(self, stream: str, job_id: str, step: Step) -> None:
        kind = kind_of(stream)
        weight = self._weigh(workspace_of(stream))
        started = self._clock.monotonic()
        since_empty = 0
        while (elapsed := self._clock.monotonic() - started) < SLICE_S * weight:
            if elapsed >= TURN_S * weight and self._jobs.is_waiting(kind):
                return
            self.lease.step(started + elapsed)
            count = step(stream, job_id)
            since_empty += count
            if count == 0:
                if since_empty < _LINGER_FROM or self._jobs.is_waiting(kind):
                    return
                if not self._stops.wait(LINGER_S):
                    return
                since_empty = 0
