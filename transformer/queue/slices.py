"""A slice: how long a drain works on its stream before the others have their turn (I3).

What a drain does with a batch is its own business; when it begins, goes on, lingers and ends, and
what an end hands over, is the same for all of them.
"""

from collections.abc import Callable
from typing import TypeAlias

import structlog

from transformer.clock import Clock
from transformer.errors import Unavailable
from transformer.queue.jobs import Jobs
from transformer.queue.streams import Fenced, Streams
from transformer.stops import Stops

SLICE_S = 0.5

# A stream that is being written to is asked again after so long, instead of ending the drain: under
# load batches fill up and RQ is not asked for each; a webhook that comes alone never waits for it.
LINGER_S = 0.01
_LINGER_FROM = 8

Step: TypeAlias = Callable[[str, str], int]
"""Works off one batch of (stream, job id); gives how much it was, 0 when nothing is left."""

_log = structlog.get_logger()


class Slices:
    """Drains streams, a slice at a time."""

    def __init__(self, *, streams: Streams, jobs: Jobs, clock: Clock, stops: Stops) -> None:
        self._streams = streams
        self._jobs = jobs
        self._clock = clock
        self._stops = stops

    def work(self, stream: str, job_id: str, step: Step) -> None:
        """Work for one slice, and hand the rest to the next job.

        Raises:
            Unavailable: something we need fails us; rescue brings a new drain.
        """
        if not self._streams.claim(stream, job_id):
            return
        try:
            self._step_on(stream, job_id, step)
            due = self._streams.finish(stream, job_id)
        except Unavailable:
            # Nobody's doing on this stream, so not a step towards a dead letter.
            self._streams.forget_tries(stream)
            raise
        except Fenced:
            _log.warning("drain.fenced", stream=stream)
            return
        if due is not None:
            self._jobs.enqueue(due.stream, job_id=due.job_id)

    def _step_on(self, stream: str, job_id: str, step: Step) -> None:
        started = self._clock.monotonic()
        since_empty = 0
        while self._clock.monotonic() - started < SLICE_S:
            count = step(stream, job_id)
            since_empty += count
            if count == 0:
                if since_empty < _LINGER_FROM or not self._stops.wait(LINGER_S):
                    return
                since_empty = 0
