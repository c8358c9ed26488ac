"""RQ, and nothing but RQ: a job means "drain this stream for at most one slice".

RQ gives us the queue between streams (first in, first out, so streams take turns), workers on many
machines, and a view of what runs. It never sees a webhook.
"""

import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from types import FrameType
from typing import Any

import redis
import structlog
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue as RqQueue
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import now
from rq.worker import SimpleWorker

from transformer.queue.connection import translated
from transformer.queue.keys import DrainKind, kind_of

# A slice ends by itself well before; this only frees a worker whose drain hangs in our own code.
_JOB_TIMEOUT_S = 120
_FAILURE_TTL_S = 3_600
# RQ waits for a job 15 seconds less than this. A connection that has silently died is noticed when a
# wait takes longer than it should.
_WORKER_TTL_S = 30
_HEARTBEAT_EVERY = timedelta(seconds=1)
_FUNCTION = "transformer.queue.jobs.drain"
_AGAIN_AFTER_S = 1.0

_log = structlog.get_logger()


def drain(stream: str) -> None:
    """Stand as the job's function in RQ's records; a worker runs its own handler instead."""
    message = f"{stream} can only be drained by `transformer worker` or `transformer writer`"
    raise RuntimeError(message)


def new_job_id() -> str:
    """Make the id of a job that does not exist yet."""
    return uuid.uuid4().hex


class _DrainWorker(SimpleWorker):
    """RQ's worker in one process, less the bookkeeping that a job of milliseconds does not need.

    RQ writes its heartbeat, three commands and so three fsyncs, five times a job, for jobs of
    minutes; once a second says the same of ours.
    """

    # RQ waits twice as long after each vain try, up to a minute; a Redis that is back is wanted soon.
    max_connection_wait_time = 2.0

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        fresh = self.last_heartbeat is not None and now() - self.last_heartbeat < _HEARTBEAT_EVERY
        if not fresh:
            super().heartbeat(timeout, pipeline)

    def subscribe(self) -> None:
        # RQ takes commands (stop this job, shut down) on a thread and a connection of their own,
        # which outlive a worker that has lost Redis. Nobody sends any.
        pass

    def set_state(self, state: str, pipeline: Pipeline | None = None) -> None:
        if state != self.get_state():
            super().set_state(state, pipeline)

    def handle_exception(self, job: Job, *_exc_info: Any) -> None:
        """Say nothing: the drain has logged it, without the values that RQ's traceback quotes."""


class Jobs:
    """Puts drain jobs into RQ."""

    def __init__(self, connection: redis.Redis) -> None:
        self._connection = connection
        self._queues = {
            kind: RqQueue(kind.value, connection=connection, serializer=JSONSerializer)
            for kind in DrainKind
        }

    def enqueue(self, stream: str, *, job_id: str) -> None:
        """Enqueue the drain that the stream's mark names already.

        Raises:
            QueueUnavailable: Redis does not answer; rescue will enqueue a job in its place.
        """
        with translated():
            self._queues[kind_of(stream)].enqueue_call(
                _FUNCTION,
                args=(stream,),
                job_id=job_id,
                timeout=_JOB_TIMEOUT_S,
                result_ttl=0,
                failure_ttl=_FAILURE_TTL_S,
                description=f"drain {stream}",
            )

    def is_waiting(self, kind: DrainKind) -> bool:
        """Say whether a job waits in a queue, behind the one that asks."""
        with translated():
            return bool(self._connection.llen(self._queues[kind].key))

    def waiting(self, kind: DrainKind) -> set[str]:
        """List the ids of the jobs that wait in a queue."""
        with translated():
            return set(self._queues[kind].job_ids)


def work(kind: DrainKind, *, connection: redis.Redis, handler: Callable[[str, str], None]) -> None:
    """Execute drain jobs of one kind until SIGTERM or SIGINT, the running one to its end.

    RQ's worker ends where Redis does not answer in the middle of a job; another takes its place.

    Args:
        kind: which RQ queue to listen on.
        connection: RQ's own; it waits on it.
        handler: called with (stream, job id) in this process, without a fork: it holds the
            sandbox's guests and the database's connections, which a fork could not share.
    """

    class DrainJob(Job):
        def _execute(self) -> Any:
            handler(self.args[0], self.id)

    told_to_stop = threading.Event()

    class StoppableWorker(_DrainWorker):
        def request_stop(self, signum: int, frame: FrameType | None) -> None:
            told_to_stop.set()
            super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    while not told_to_stop.is_set():
        error = ""
        try:
            StoppableWorker(
                [kind.value],
                connection=connection,
                job_class=DrainJob,
                serializer=JSONSerializer,
                default_result_ttl=0,
                worker_ttl=_WORKER_TTL_S,
                log_job_description=False,
            ).work(logging_level="WARNING")
        except (RedisError, OSError) as lost:
            error = str(lost)
        except StopRequested:  # before or after its loop, which knows what that means
            return
        if not told_to_stop.is_set():
            _log.warning("redis.lost", error=error, again_in_s=_AGAIN_AFTER_S)
            with suppress(
                StopRequested, RedisError, OSError
            ):  # of the worker before, which is told
                time.sleep(_AGAIN_AFTER_S)
