"""RQ, and nothing but RQ: a job means "drain this stream for at most one slice".

RQ gives us the queue between streams (first in, first out, so streams take turns), workers on many
machines, and a view of what runs. It never sees a webhook.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import redis
from redis.client import Pipeline
from rq import Queue as RqQueue
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

    def set_state(self, state: str, pipeline: Pipeline | None = None) -> None:
        if state != self.get_state():
            super().set_state(state, pipeline)


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

    Args:
        kind: which RQ queue to listen on.
        connection: RQ's own; it waits on it.
        handler: called with (stream, job id) in this process, without a fork: it holds the
            sandbox's guests and the database's connections, which a fork could not share.
    """

    class DrainJob(Job):
        def _execute(self) -> Any:
            handler(self.args[0], self.id)

    worker = _DrainWorker(
        [kind.value],
        connection=connection,
        job_class=DrainJob,
        serializer=JSONSerializer,
        default_result_ttl=0,
        worker_ttl=_WORKER_TTL_S,
        log_job_description=False,
    )
    worker.work(logging_level="WARNING")
