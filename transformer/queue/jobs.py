"""RQ, and nothing but RQ: a job means "drain this stream for at most one slice".

RQ gives us the queue between streams (first in, first out, so streams take turns), workers on many
machines, and a view of what runs. It never sees a webhook.
"""

import logging
import uuid
from collections.abc import Callable
from typing import Any

import redis
from rq import Queue as RqQueue
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker

from transformer.queue.connection import translated
from transformer.queue.keys import DrainKind, kind_of

# A slice ends by itself well before; this only frees a worker whose drain hangs in our own code.
_JOB_TIMEOUT_S = 120
_FAILURE_TTL_S = 3_600
_FUNCTION = "transformer.queue.jobs.drain"


def drain(stream: str) -> None:
    """Stand as the job's function in RQ's records; a worker runs its own handler instead."""
    message = f"{stream} can only be drained by `transformer worker` or `transformer writer`"
    raise RuntimeError(message)


def new_job_id() -> str:
    """Make the id of a job that does not exist yet."""
    return uuid.uuid4().hex


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

    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    worker = SimpleWorker(
        [kind.value],
        connection=connection,
        job_class=DrainJob,
        serializer=JSONSerializer,
        default_result_ttl=0,
        log_job_description=False,
    )
    worker.work(logging_level="WARNING")
