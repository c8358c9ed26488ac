"""One drain of an events stream: take a batch, transform it, settle it, until the slice ends.

A batch may be transformed twice, for transforming is pure; it is settled once (I5), because
appending its settlements and removing its events is one transaction that a zombie cannot pass.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import orjson
import structlog
from prometheus_client import CollectorRegistry

from sandbox import Call
from transformer.clock import Clock
from transformer.delivery import Outcome, Problem, Verdict
from transformer.ids import (
    EventId,
    RevisionId,
    SourceId,
    TransformationId,
    WorkspaceId,
    new_delivery_id,
)
from transformer.metrics import DrainMetrics, WorkerMetrics
from transformer.queue.jobs import Jobs
from transformer.queue.keys import outcomes_stream, transformation_of, workspace_of
from transformer.queue.lease import Lease
from transformer.queue.pace import Pace
from transformer.queue.slices import Slices
from transformer.queue.streams import BATCH_EVENTS, Batch, Entry, Streams
from transformer.queued import QueuedEvent, from_fields
from transformer.settlement import CAPTURED, Settlement, to_fields
from transformer.stops import Stops
from transformer.traces import Traces
from transformer.worker.revisions import Revisions, Runnable
from transformer.worker.transform import Transformer

# How a poison event is found (I8): after a batch was taken and not settled, its first event is
# tried with ever fewer neighbours, at last alone, and then dead-lettered.
_BATCH_BY_TRIES = (BATCH_EVENTS, 16, 1, 1)

_log = structlog.get_logger()


class EventsDrain:
    """Drains events streams; one per worker process."""

    def __init__(
        self,
        *,
        streams: Streams,
        jobs: Jobs,
        transformer: Transformer,
        revisions: Revisions,
        clock: Clock,
        stops: Stops,
        weigh: Callable[[WorkspaceId], int],
        metrics: WorkerMetrics | None = None,
        traces: Traces | None = None,
        drains: DrainMetrics | None = None,
    ) -> None:
        self._streams = streams
        self._jobs = jobs
        self._transformer = transformer
        self._revisions = revisions
        self._clock = clock
        self._pace = Pace(most=BATCH_EVENTS, first=BATCH_EVENTS)
        self._metrics = metrics or WorkerMetrics(CollectorRegistry())
        self._slices = Slices(
            streams=streams, jobs=jobs, clock=clock, stops=stops, weigh=weigh, metrics=drains
        )
        self._stops = stops
        self._traces = traces

    @property
    def lease(self) -> Lease:
        """What keeps the stream of the drain that runs."""
        return self._slices.lease

    def drain(self, stream: str, job_id: str) -> None:
        """Work for one slice, and hand the rest to the next job.

        Raises:
            Unavailable: Redis, the database or the sandbox fails us; rescue brings a new drain.
        """
        self._slices.work(stream, job_id, self._settle_batch)

    def _settle_batch(self, stream: str, job_id: str) -> int:
        self._stops.reach("before-take")
        started = self._clock.monotonic()
        batch = self._streams.take(stream, job_id, most=self._pace.most(stream))
        if not batch.entries:
            return 0
        taken_s = time.time()
        self._metrics.took()
        if batch.tries > len(_BATCH_BY_TRIES):
            entries, settlements = self._dead_letter(stream, batch)
        else:
            entries = batch.entries[: _BATCH_BY_TRIES[batch.tries - 1]]
            self._stops.reach("mid-transform")
            settlements = self._transform(stream, entries, batch)
        self._stops.reach("before-settle")
        fields = [field for settlement in settlements for field in to_fields(settlement)]
        settling = time.perf_counter()
        due = self._streams.settle(
            stream,
            job_id,
            entries=entries[: len(settlements)],
            generation=batch.generation,
            outcomes_stream=outcomes_stream(workspace_of(stream)),
            fields=fields,
        )
        settle_s = time.perf_counter() - settling
        self._stops.reach("after-settle")
        if due is not None:
            self._jobs.enqueue(due.stream, job_id=due.job_id)
        seconds = self._clock.monotonic() - started
        self._pace.note(stream, count=len(settlements), seconds=seconds)
        self._tell(stream, batch, settlements, taken_s=taken_s, settle_s=settle_s, fields=fields)
        return len(settlements)

    def _tell(
        self,
        stream: str,
        batch: Batch,
        settlements: Sequence[Settlement],
        *,
        taken_s: float,
        settle_s: float,
        fields: Sequence[bytes | str],
    ) -> None:
        """Count a settled batch, and write its line."""
        verdicts = Counter(settlement.verdict for settlement in settlements)
        metrics, entries = self._metrics, batch.entries
        metrics.settled(verdicts, settle_s=settle_s)
        metrics.queue_delay.observe_ordered(
            len(settlements), lambda at: max(taken_s - entries[at].appended_s, 0.0)
        )
        _log.info(
            "batch.settled",
            workspace_id=workspace_of(stream),
            transformation_id=transformation_of(stream),
            events=len(settlements),
            **verdicts,
            delay_ms=round((taken_s - entries[0].appended_s) * 1_000),
            run_ms=round(metrics.run_s * 1_000, 1),
            check_ms=round(metrics.check_s * 1_000, 1),
            settle_ms=round(settle_s * 1_000, 1),
            bytes=sum(map(len, fields)),
            tries=batch.tries,
        )
        if self._traces is not None:
            self._traces.batch(
                "transform",
                [one.headers for one in settlements if one.replay_of is None],
                took_s=time.time() - taken_s,
                workspace_id=workspace_of(stream),
                transformation_id=transformation_of(stream),
                events=len(settlements),
            )

    def _transform(self, stream: str, entries: Sequence[Entry], batch: Batch) -> list[Settlement]:
        """Transform the first events that share a revision; gives at least one settlement."""
        queued = [from_fields(entry.fields) for entry in entries]
        queued[0] = replace(queued[0], attempt=queued[0].attempt + batch.tries - 1)
        wanted = queued[0].revision_id
        same = queued
        for at, event in enumerate(queued):
            if event.revision_id != wanted:
                same = queued[:at]
                break
        workspace_id, transformation_id = workspace_of(stream), transformation_of(stream)
        runnable = self._runnable(transformation_id, wanted, batch)
        if runnable is None:
            # Unpublished between accept and now: kept, as if it had come a moment later.
            return [
                _settlement(
                    event,
                    workspace_id=workspace_id,
                    transformation_id=transformation_id,
                    runnable=None,
                )
                for event in same
            ]
        outcomes = self._transformer.run(
            workspace_id,
            runnable.program,
            runnable.revision.destination,
            [Call(event.payload, event.headers, event.context) for event in same],
        )
        return [
            _settlement(
                event,
                workspace_id=workspace_id,
                transformation_id=transformation_id,
                runnable=runnable,
                outcome=outcome,
            )
            for event, outcome in zip(same, outcomes, strict=False)
        ]

    def _dead_letter(self, stream: str, batch: Batch) -> tuple[list[Entry], list[Settlement]]:
        entry = batch.entries[0]
        event = from_fields(entry.fields)
        event = replace(event, attempt=event.attempt + len(_BATCH_BY_TRIES) - 1)
        transformation_id = transformation_of(stream)
        problem = Problem(
            code="died",
            message=f"Transforming this event ended the worker {len(_BATCH_BY_TRIES)} times.",
            hint="The event is kept: change the code and replay it.",
        )
        self._metrics.gave_up()
        _log.error("event.dead_lettered", stream=stream, entry=entry.id)
        settlement = _settlement(
            event,
            workspace_id=workspace_of(stream),
            transformation_id=transformation_id,
            runnable=self._runnable(transformation_id, event.revision_id, batch),
            outcome=Outcome(verdict=Verdict.FAILED, errors=(problem,)),
        )
        return [entry], [settlement]

    def _runnable(
        self, transformation_id: TransformationId, wanted: RevisionId | None, batch: Batch
    ) -> Runnable | None:
        if wanted is not None:
            return self._revisions.chosen(wanted)
        return self._revisions.published(transformation_id, config_version=batch.config_version)


def _settlement(
    event: QueuedEvent,
    *,
    workspace_id: WorkspaceId,
    transformation_id: TransformationId,
    runnable: Runnable | None,
    outcome: Outcome | None = None,
) -> Settlement:
    context = orjson.loads(event.context)
    return Settlement(
        delivery_id=event.retry_of or new_delivery_id(),
        workspace_id=workspace_id,
        source_id=SourceId(context["source"]["id"]),
        transformation_id=transformation_id,
        revision_id=runnable.revision.id if runnable else None,
        event_id=EventId(context["event_id"]),
        verdict=outcome.verdict.value if outcome else CAPTURED,
        output=outcome.output if outcome else None,
        operations=outcome.operations if outcome else (),
        report=outcome.remarks() if outcome else {},
        duration_us=outcome.duration_us if outcome else 0,
        accepted_at=context["accepted_at"],
        content_type=event.content_type,
        headers=event.headers,
        body=event.body,
        replay_of=event.replay_of,
        attempt=event.attempt,
        is_retry=event.retry_of is not None,
        replay_id=event.replay_id,
    )
