"""Accepts webhooks: 201 only after Redis holds them, many of them in one round trip.

While one append is on its way to Redis (and its disk), requests that arrive wait and form the next
group, so the cost of a round trip and of an fsync is shared by as many requests as are concurrent.
"""

import asyncio
import math
from collections.abc import Callable, Coroutine, Sequence
from typing import TypeAlias

import orjson
import structlog

from transformer import settlement
from transformer.clock import Clock, to_text
from transformer.errors import (
    BacklogFull,
    Broken,
    QueueUnavailable,
    RateLimited,
    TransformerError,
    Unavailable,
)
from transformer.event import SECRET_HEADERS, payload_text, train_case
from transformer.ids import EventId, new_delivery_id, new_event_id
from transformer.ingest.routes import Routes, Way
from transformer.queue.appends import Append, Appender, Crowded, DueDrain, StaleConfig, Wish
from transformer.queue.jobs import Jobs
from transformer.queue.keys import events_stream, outcomes_stream
from transformer.queued import event_fields, from_fields, source_json
from transformer.stops import Stops
from transformer.store.routes import Route

_GROUP_APPENDS = 512
_GROUP_BYTES = 4 * 1_048_576
_MOST_WAITING_BYTES = 64 * 1_048_576
_MOST_STALE_TABLES = 5
_BACKLOG_RETRY_S = 30

_log = structlog.get_logger()


Answer: TypeAlias = Callable[[EventId | TransformerError], None]
"""Is told, once, that a webhook is held, by its event's id, or why it is not."""


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
        self._waiting: list[_Waiting | Prepared] = []
        self._waiting_bytes = 0
        self._flusher: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def accept(
        self,
        token: str,
        *,
        headers: Sequence[tuple[bytes, bytes]],
        body: bytes,
        answer: Answer,
    ) -> None:
        """Hold a webhook durably and see to it that it is transformed.

        Nothing is awaited, and no task is made for a webhook whose route is known: at thousands a
        second each would cost as much as the rest. The answer is an event's id, or

        - UnknownSource: no source has this token;
        - BodyUnreadable: the body cannot be made into a payload;
        - QueueUnavailable: Redis does not answer, or refuses to write; the sender tries again.
        """
        webhook = _Webhook(token, headers, body, answer)
        way = self._routes.known(token)
        if way is None:
            self._spawn(self._find_and_hold(webhook))
            return
        self._hold(webhook, way)

    def append(self, prepared: "Prepared") -> None:
        """Hold durably what another door has made ready, beside the webhooks that come meanwhile.

        The answer is its event's id, BacklogFull or QueueUnavailable.
        """
        self._queue(prepared)

    async def close(self) -> None:
        """Finish what was begun: every waiting request gets its answer."""
        while self._flusher is not None or self._tasks:
            begun = [*self._tasks, *([self._flusher] if self._flusher is not None else [])]
            await asyncio.gather(*begun, return_exceptions=True)
        await self._appender.close()

    async def _find_and_hold(self, webhook: "_Webhook") -> None:
        try:
            way = await self._routes.find(webhook.token)
        except TransformerError as error:
            webhook.answer(error)
        except Exception:  # noqa: BLE001 - the sender must get an answer, and the log the traceback
            webhook.answer(_broken())
        else:
            self._hold(webhook, way)

    def _hold(self, webhook: "_Webhook", way: Way) -> None:
        self._queue(_Waiting(webhook, way, self._routes.version))

    def _queue(self, one: "_Waiting | Prepared") -> None:
        if self._waiting_bytes > _MOST_WAITING_BYTES:
            one.answer(
                QueueUnavailable(
                    "More is arriving than Redis takes in.", hint="Send again a little later."
                )
            )
            return
        self._waiting.append(one)
        self._waiting_bytes += one.size
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        try:
            while self._waiting:
                group = self._next_group()
                try:
                    await self._append(group)
                except StaleConfig:
                    self._find_again(group)
                except TransformerError as error:
                    for one in group:
                        one.answer(error)
                except Exception:  # noqa: BLE001 - as in _find_and_hold
                    broken = _broken()
                    for one in group:
                        one.answer(broken)
        finally:
            self._flusher = None

    async def _append(self, group: list["_Waiting | Prepared"]) -> None:
        wishes, held = self._wishes(group)
        if not held:
            return
        self._stops.reach("before-append")
        try:
            answer = await self._appender.append(wishes, config_version=group[0].version)
        except Crowded as crowded:
            self._come_again(wishes, held, crowded.streams)
            return
        self._stops.reach("after-append")
        for number, (one, event_id) in enumerate(held):
            wait_s = answer.refused.get(number)
            one.answer(event_id if wait_s is None else _rate_limited(wait_s))
        if answer.due:
            # After the answers, off the event loop: the marks are set, so a job that is lost here
            # is found by rescue (I1, tests/integration/test_queue.py).
            self._spawn(asyncio.to_thread(self._enqueue_all, answer.due))

    def _wishes(
        self, group: list["_Waiting | Prepared"]
    ) -> tuple[list[Wish], list[tuple["_Waiting | Prepared", EventId]]]:
        """Write the entries of those that can be held; the others are answered."""
        accepted_at = self._clock.now()
        at = to_text(accepted_at)
        wishes: list[Wish] = []
        held: list[tuple[_Waiting | Prepared, EventId]] = []
        for one in group:
            if isinstance(one, Prepared):
                wishes.append(one.wish)
                held.append((one, one.event_id))
                continue
            webhook, route, most = one.webhook, one.way.route, one.way.most_waiting
            event_id = new_event_id()
            try:
                headers, content_type = readable_headers(webhook.headers)
                payload = payload_text(webhook.body, content_type)
            except TransformerError as error:
                webhook.answer(error)
                continue
            fields = event_fields(
                event_id=event_id,
                accepted_at=at,
                source=source_json(route.source.id, route.source.name),
                headers=orjson.dumps(headers),
                content_type=content_type,
                body=webhook.body,
                payload=payload,
            )
            workspace_id = route.source.workspace_id
            appends = [
                Append(events_stream(workspace_id, transformation_id), fields, most)
                for transformation_id in route.published
            ] or [_captured(fields, route, most)]
            wishes.append(Wish(appends, one.way.buckets))
            held.append((one, event_id))
        return wishes, held

    def _come_again(
        self,
        wishes: list[Wish],
        held: list[tuple["_Waiting | Prepared", EventId]],
        crowded: set[str],
    ) -> None:
        """Refuse what a crowded stream would have to take, and try the rest once more."""
        again = []
        for (one, _), wish in zip(held, wishes, strict=True):
            if any(append.stream in crowded for append in wish.appends):
                one.answer(_backlog_full(max(append.most for append in wish.appends)))
            else:
                again.append(one)
        self._waiting[:0] = again
        self._waiting_bytes += sum(one.size for one in again)

    def _find_again(self, group: list["_Waiting | Prepared"]) -> None:
        if self._routes.version == group[0].version:
            self._routes.forget()
        for one in group:
            if isinstance(one, Prepared):
                self._queue(one)  # it takes any configuration
                continue
            one.webhook.stale_tables += 1
            if one.webhook.stale_tables < _MOST_STALE_TABLES:
                self._spawn(self._find_and_hold(one.webhook))
            else:
                one.webhook.answer(
                    Unavailable("The configuration changes faster than it can be read; send again.")
                )

    def _next_group(self) -> list["_Waiting | Prepared"]:
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

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _enqueue_all(self, due: list[DueDrain]) -> None:
        self._stops.reach("before-enqueue")
        for drain in due:
            try:
                self._jobs.enqueue(drain.stream, job_id=drain.job_id)
            except TransformerError as error:
                _log.warning("drain.not_enqueued", stream=drain.stream, error=error.message)


class _Webhook:
    """A webhook that has arrived whole, and who wants to know what becomes of it."""

    __slots__ = ("answer", "body", "headers", "stale_tables", "token")

    def __init__(
        self, token: str, headers: Sequence[tuple[bytes, bytes]], body: bytes, answer: Answer
    ) -> None:
        self.token = token
        self.headers = headers
        self.body = body
        self.answer = answer
        self.stale_tables = 0


class _Waiting:
    """A webhook that is not held yet, and where it goes."""

    __slots__ = ("answer", "size", "version", "way", "webhook")

    def __init__(self, webhook: _Webhook, way: Way, version: str) -> None:
        self.webhook = webhook
        self.way = way
        self.version = version
        self.answer = webhook.answer
        self.size = len(webhook.body)


class Prepared:
    """Entries that are ready to be appended, whatever the configuration.

    Args:
        wish: what is to be appended, all of it or nothing.
        event_id: what it is known by.
        size: how many bytes it weighs.
        answer: is told, once, what became of it.
    """

    __slots__ = ("answer", "event_id", "size", "version", "wish")

    def __init__(self, wish: Wish, event_id: EventId, *, size: int, answer: Answer) -> None:
        self.wish = wish
        self.event_id = event_id
        self.size = size
        self.answer = answer
        self.version = ""


def _rate_limited(wait_s: float) -> RateLimited:
    return RateLimited(
        "More webhooks come than the source or its workspace may send in a second.",
        hint="Send fewer at once, and this one again after Retry-After; "
        "`PUT /api/sources/{id}/limits` changes the rate.",
        retry_after_s=max(math.ceil(wait_s), 1),
    )


def _backlog_full(most: int) -> BacklogFull:
    return BacklogFull(
        f"{most} events wait already; no more may.",
        hint="Send again later; the operator looks at /readyz, and at the workers.",
        retry_after_s=_BACKLOG_RETRY_S,
    )


def _broken() -> TransformerError:
    _log.exception("request.broke", path="/in")
    return Broken("Something broke on our side; the webhook was not accepted.")


def readable_headers(headers: Sequence[tuple[bytes, bytes]]) -> tuple[dict[str, str], str]:
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


def _captured(fields: tuple[bytes | str, ...], route: Route, most: int) -> Append:
    """Write the settlements of an event that no published transformation waits for."""
    event = from_fields([field.encode() if isinstance(field, str) else field for field in fields])
    context = orjson.loads(event.context)
    captured: list[bytes | str] = []
    for transformation_id in route.unpublished or (None,):
        captured += settlement.to_fields(
            settlement.Settlement(
                delivery_id=new_delivery_id(),
                workspace_id=route.source.workspace_id,
                source_id=route.source.id,
                transformation_id=transformation_id,
                revision_id=None,
                event_id=context["event_id"],
                verdict=settlement.CAPTURED,
                output=None,
                operations=(),
                report={},
                duration_us=0,
                accepted_at=context["accepted_at"],
                content_type=event.content_type,
                headers=event.headers,
                body=event.body,
            )
        )
    return Append(outcomes_stream(route.source.workspace_id), tuple(captured), most)
