"""RQ, and nothing but RQ: a job means "drain this stream for at most one slice".

RQ gives us the queue between streams (first in, first out, so streams take turns), workers on many
machines, and a view of what runs. It never sees a webhook.
"""

import signal
import threading
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
from rq.worker import SimpleWorker, WorkerStatus

from transformer.queue.connection import translated
from transformer.queue.keys import DrainKind, kind_of

# A slice ends by itself well before; this only frees a worker whose drain hangs in our own code.
_JOB_TIMEOUT_S = 120
_FAILURE_TTL_S = 3_600
# How long RQ waits for a job before it asks anew, and how long it waits for any answer: a connection
# that has silently died is noticed that late (tests/hosts/test_cut_off.py).
_WAIT_S = 3
_ANSWER_S = 8
# RQ's own pause between two tries to reach Redis doubles up to a minute.
_LONGEST_PAUSE_S = 2.0
# Between the end of one worker of RQ's and the next in its place.
_PAUSE_S = 0.5
_WORKER_TTL_S = 30
_HEARTBEAT_EVERY = timedelta(seconds=1)
_FUNCTION = "transformer.queue.jobs.drain"

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
    minutes; once a second says the same of ours. It takes no orders over pub/sub either: that is a
    thread and a connection more, which outlive the worker where Redis went away under it.
    """

    max_connection_wait_time = _LONGEST_PAUSE_S
    ending: threading.Event

    @property
    def dequeue_timeout(self) -> int:
        return _WAIT_S

    @property
    def connection_timeout(self) -> int:
        return _ANSWER_S

    def subscribe(self) -> None:
        pass

    def _install_signal_handlers(self) -> None:
        super()._install_signal_handlers()  # type: ignore[no-untyped-call]
        self._stop_requested = self.ending.is_set()

    def _shutdown(self) -> None:
        # RQ's own writes to Redis here, in the middle of whatever the signal interrupted.
        self.ending.set()
        self._stop_requested = True
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        fresh = self.last_heartbeat is not None and now() - self.last_heartbeat < _HEARTBEAT_EVERY
        if not fresh:
            super().heartbeat(timeout, pipeline)

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

    Redis may come and go meanwhile (tests/integration/test_queue_lost.py).

    Args:
        kind: which RQ queue to listen on.
        connection: RQ's own; it waits on it.
        handler: called with (stream, job id) in this process, without a fork: it holds the
            sandbox's guests and the database's connections, which a fork could not share.
    """

    class DrainJob(Job):
        def _execute(self) -> Any:
            handler(self.args[0], self.id)

    ending = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ending.set()
        raise StopRequested

    # RQ's worker ends where Redis fails it between two jobs. Ours holds guests and connections that
    # are as good as before, so another takes its place here.
    with suppress(StopRequested):
        while not ending.is_set():
            # Until RQ's worker has its own, which it gets after it has spoken to Redis.
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, end)
            try:
                worker = _DrainWorker(
                    [kind.value],
                    connection=connection,
                    job_class=DrainJob,
                    serializer=JSONSerializer,
                    default_result_ttl=0,
                    worker_ttl=_WORKER_TTL_S,
                    log_job_description=False,
                )
                worker.ending = ending
                worker.work(logging_level="WARNING")
            except (RedisError, OSError) as error:
                _log.warning("redis.lost", error=str(error))
            ending.wait(_PAUSE_S)
