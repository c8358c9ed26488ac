"""Accepts webhooks: 201 only after Redis holds them, many of them in one round trip.

While one append is on its way to Redis (and its disk), requests that arrive wait and form the next
group, so the cost of a round trip and of an fsync is shared by as many requests as are concurrent.
"""

import asyncio
from collections.abc import Sequence

import structlog

from transformer import settlement
from transformer.clock import Clock, to_text
from transformer.errors import QueueUnavailable, TransformerError, Unavailable
from transformer.event import SECRET_HEADERS, Event, payload_text, train_case
from transformer.ids import EventId, new_delivery_id, new_event_id
from transformer.ingest.routes import Routes
from transformer.queue.jobs import Jobs
from transformer.queue.keys import events_stream, outcomes_stream
from transformer.queue.streams import Append, Appender, DueDrain, StaleConfig
from transformer.queued import QueuedEvent, queue_event, to_fields
from transformer.stops import Stops
from transformer.store.routes import Route

_GROUP_APPENDS = 512
_GROUP_BYTES = 4 * 1_048_576
_MOST_WAITING_BYTES = 64 * 1_048_576
_MOST_STALE_TABLES = 5

_log = structlog.get_logger()


class Acceptor:
    """Holds webhooks durably; one per process, used from its event loop."""

    def __init__(
        self, *, appender: Appender, jobs: Jobs, routes: Routes, clock: Clock, stops: Stops
    ) -> None:
        self._appender = appender
        self._jobs = jobs
        self._routes = routes
        self._clock = clock
        self._stops = stops
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[_Waiting] = []
        self._waiting_bytes = 0
        self._flusher: asyncio.Task[None] | None = None
        self._enqueuing: set[asyncio.Task[None]] = set()

    async def accept(
        self, token: str, *, headers: Sequence[tuple[bytes, bytes]], body: bytes
    ) -> EventId:
        """Hold a webhook durably and see to it that it is transformed.

        Raises:
            UnknownSource: no source has this token.
            BodyUnreadable: the body cannot be made into a payload.
            QueueUnavailable: Redis does not answer, or refuses to write; the sender tries again.
        """
        seen, content_type = _readable_headers(headers)
        for _ in range(_MOST_STALE_TABLES):
            route = await self._routes.find(token)
            version = self._routes.version
            payload = payload_text(body, content_type)
            event = Event(
                id=new_event_id(),
                workspace_id=route.source.workspace_id,
                source_id=route.source.id,
                accepted_at=self._clock.now(),
                content_type=content_type,
                headers=seen,
                body=body,
            )
            try:
                await self._hold(_appends(event, route, payload), version)
            except StaleConfig:
                if self._routes.version == version:
                    self._routes.forget()
                continue
            return event.id
        raise Unavailable("The configuration changes faster than it can be read; send again.")

    async def close(self) -> None:
        """Finish what was begun: every waiting request gets its answer."""
        if self._flusher is not None:
            await self._flusher
        if self._enqueuing:
            await asyncio.gather(*self._enqueuing, return_exceptions=True)
        await self._appender.close()

    async def _hold(self, appends: list[Append], version: str) -> None:
        size = sum(len(field) for append in appends for field in append.fields)
        if self._waiting_bytes > _MOST_WAITING_BYTES:
            raise QueueUnavailable(
                "More webhooks are arriving than Redis takes in.", hint="Send again a little later."
            )
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        held = self._loop.create_future()
        self._waiting.append(_Waiting(appends, version, size, held))
        self._waiting_bytes += size
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())
        await held

    async def _flush(self) -> None:
        try:
            while self._waiting:
                group = self._next_group()
                self._stops.reach("before-append")
                try:
                    due = await self._appender.append(
                        [append for one in group for append in one.appends],
                        config_version=group[0].version,
                    )
                except Exception as error:  # noqa: BLE001 - each request raises it itself
                    for one in group:
                        if not one.held.done():
                            one.held.set_exception(error)
                    continue
                self._stops.reach("after-append")
                for one in group:
                    if not one.held.done():
                        one.held.set_result(None)
                if due:
                    self._enqueue(due)
        finally:
            self._flusher = None

    def _next_group(self) -> list["_Waiting"]:
        size = count = 0
        version = self._waiting[0].version
        for one in self._waiting:
            if one.version != version or count >= _GROUP_APPENDS or size > _GROUP_BYTES:
                break
            size += one.size
            count += 1
        group, self._waiting = self._waiting[:count], self._waiting[count:]
        self._waiting_bytes -= size
        return group

    def _enqueue(self, due: list[DueDrain]) -> None:
        # After the answer, off the event loop: the mark is set, so a job that is lost here is
        # found by rescue (I1, tests/integration/test_queue.py).
        task = asyncio.create_task(asyncio.to_thread(self._enqueue_all, due))
        self._enqueuing.add(task)
        task.add_done_callback(self._enqueuing.discard)

    def _enqueue_all(self, due: list[DueDrain]) -> None:
        for drain in due:
            try:
                self._jobs.enqueue(drain.stream, job_id=drain.job_id)
            except TransformerError as error:
                _log.warning("drain.not_enqueued", stream=drain.stream, error=error.message)


class _Waiting:
    """A request whose webhook is not held yet."""

    __slots__ = ("appends", "held", "size", "version")

    def __init__(
        self, appends: list[Append], version: str, size: int, held: asyncio.Future[None]
    ) -> None:
        self.appends = appends
        self.version = version
        self.size = size
        self.held = held


def _readable_headers(headers: Sequence[tuple[bytes, bytes]]) -> tuple[dict[str, str], str]:
    """Give the headers that user code sees, and the content type."""
    seen: dict[str, str] = {}
    content_type = ""
    for raw_name, raw_value in headers:
        name = raw_name.decode("latin-1")
        if name in SECRET_HEADERS:
            continue
        value = raw_value.decode("latin-1")
        if name == "content-type":
            content_type = value
        shown = train_case(name)
        seen[shown] = f"{seen[shown]}, {value}" if shown in seen else value
    return seen, content_type


def _appends(event: Event, route: Route, payload: bytes) -> list[Append]:
    queued = queue_event(event, source_name=route.source.name, payload=payload)
    if not route.published:
        return [Append(outcomes_stream(event.workspace_id), _captured(event, queued, route))]
    fields = to_fields(queued)
    return [
        Append(events_stream(event.workspace_id, transformation_id), fields)
        for transformation_id in route.published
    ]


def _captured(event: Event, queued: QueuedEvent, route: Route) -> tuple[bytes | str, ...]:
    """Write the settlements of an event that no published transformation waits for."""
    fields: list[bytes | str] = []
    for transformation_id in route.unpublished or (None,):
        fields += settlement.to_fields(
            settlement.Settlement(
                delivery_id=new_delivery_id(),
                workspace_id=event.workspace_id,
                source_id=event.source_id,
                transformation_id=transformation_id,
                revision_id=None,
                event_id=event.id,
                verdict=settlement.CAPTURED,
                output=None,
                operations=(),
                report={},
                duration_us=0,
                accepted_at=to_text(event.accepted_at),
                content_type=event.content_type,
                headers=queued.headers,
                body=event.body,
            )
        )
    return tuple(fields)
