"""How a call becomes a settlement on its workspace's outcomes stream, and hears what became of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from transformer.api_key import ApiKey
from transformer.clock import Clock, to_text
from transformer.delivery import Problem, State, Verdict, problem_from_json
from transformer.errors import BodyUnreadable, NotAppliedYet, QueueUnavailable, TransformerError
from transformer.ids import DeliveryId, EventId, SourceId, new_delivery_id, new_event_id
from transformer.ingest.accept import Acceptor, Prepared, readable_headers
from transformer.operation import JsonObject, Operation
from transformer.queue.appends import Append, Wish
from transformer.queue.keys import outcomes_stream
from transformer.queue.replies import ReplyList
from transformer.settlement import Settlement, to_fields
from transformer.writer.replays import applied_of

_WAIT_S = 10.0
_PAUSE_S = 0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call asks for.

    Args:
        operations: what is to be applied, numbered from 0; each is a part of the output, where its
            path leads.
        errors: what was wrong with other parts of the body, for the delivery log.
        warnings: what will be dropped of what is asked for.
        output: the call as the operations see it, where that is not the body itself.
    """

    operations: Sequence[Operation]
    errors: Sequence[Problem] = ()
    warnings: Sequence[Problem] = ()
    output: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the writer says of a call, once it is in the store.

    Args:
        operations: how many changed something.
        applied: the positions of the operations that were applied, were it without effect.
        errors: what the writer found wrong; what was found before is not among them.
    """

    delivery_id: DeliveryId
    state: State
    operations: int
    applied: frozenset[int]
    errors: Sequence[Problem]
    warnings: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Sent:
    """A call as it came: who, what, and where it may wait.

    Args:
        most_waiting: how many entries may wait on the workspace's stream; 0: any number.
    """

    key: ApiKey
    body: JsonObject
    raw: bytes
    headers: Sequence[tuple[bytes, bytes]]
    most_waiting: int


class Submissions:
    """Hands calls over to the writer; one per process of web, used from its event loop."""

    def __init__(
        self, acceptor: Acceptor, *, clock: Clock, replies: ReplyList, wait_s: float = _WAIT_S
    ) -> None:
        self._acceptor = acceptor
        self._clock = clock
        self._replies = replies
        self._wait_s = wait_s
        self._expected: dict[str, asyncio.Future[JsonObject]] = {}
        self._listener: asyncio.Task[None] | None = None

    async def hold(self, sent: Sent, asked: Asked) -> DeliveryId:
        """Append what is asked for; back once Redis holds it.

        Raises:
            BodyUnreadable: the body can be read, but not written again.
            BacklogFull: more waits than the workspace may have waiting.
            QueueUnavailable: Redis does not answer, or refuses to write.
        """
        delivery_id = new_delivery_id()
        await self._append(self._settlement(sent, asked, delivery_id), sent.most_waiting)
        return delivery_id

    async def hold_and_wait(self, sent: Sent, asked: Asked) -> Outcome:
        """Append what is asked for; back once the writer has applied it.

        Raises:
            NotAppliedYet: it is held, but was not applied in time.
        """
        delivery_id = new_delivery_id()
        settlement = self._settlement(sent, asked, delivery_id)
        settlement.reply_to = self._replies.name
        told: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()
        self._expected[delivery_id] = told
        try:
            await self._append(settlement, sent.most_waiting)
            if self._listener is None:
                self._listener = asyncio.create_task(self._listen())
            reply = await asyncio.wait_for(told, self._wait_s)
        except TimeoutError as error:
            raise NotAppliedYet(
                "The call is queued and nothing is lost: it will be applied, but has not been in "
                f"{self._wait_s:.0f} seconds.",
                hint="Look at what it changes before sending it again.",
            ) from error
        finally:
            del self._expected[delivery_id]
        return _outcome(reply, len(settlement.operations))

    async def close(self) -> None:
        """Wait no more for replies."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        await self._replies.close()

    def _settlement(self, sent: Sent, asked: Asked, delivery_id: DeliveryId) -> Settlement:
        headers, content_type = readable_headers(sent.headers)
        report: JsonObject = {}
        if asked.errors:
            report["errors"] = [problem.as_json() for problem in asked.errors]
        if asked.warnings:
            report["warnings"] = [problem.as_json() for problem in asked.warnings]
        return Settlement(
            delivery_id=delivery_id,
            workspace_id=sent.key.workspace_id,
            # A key is where the call comes from, as a source is where a webhook comes from.
            source_id=SourceId(sent.key.id),
            transformation_id=None,
            revision_id=None,
            event_id=new_event_id(),
            verdict=Verdict.OK.value,
            output=sent.body if asked.output is None else asked.output,
            operations=asked.operations,
            report=report,
            duration_us=0,
            accepted_at=to_text(self._clock.now()),
            content_type=content_type,
            headers=orjson.dumps(headers),
            body=sent.raw,
        )

    async def _append(self, settlement: Settlement, most_waiting: int) -> None:
        held: asyncio.Future[EventId | TransformerError]
        held = asyncio.get_running_loop().create_future()

        def answer(what: EventId | TransformerError) -> None:
            if not held.done():  # the request may have been cancelled
                held.set_result(what)

        try:
            fields = to_fields(settlement)
        except orjson.JSONEncodeError as error:
            raise BodyUnreadable("The request body is nested too deeply.") from error
        stream = outcomes_stream(settlement.workspace_id)
        self._acceptor.append(
            Prepared(
                Wish([Append(stream, fields, most_waiting)]),
                settlement.event_id,
                size=sum(map(len, fields)),
                answer=answer,
            )
        )
        what = await held
        if isinstance(what, TransformerError):
            raise what

    async def _listen(self) -> None:
        """Hand out replies as long as somebody waits for one."""
        try:
            while self._expected:
                try:
                    text = await self._replies.next()
                except QueueUnavailable:
                    await asyncio.sleep(_PAUSE_S)  # who waits has a time limit of its own
                    continue
                if text is None:
                    continue
                reply: JsonObject = orjson.loads(text)
                told = self._expected.get(reply["delivery_id"])
                if told is not None and not told.done():
                    told.set_result(reply)
        finally:
            self._listener = None


def _outcome(reply: dict[str, Any], count: int) -> Outcome:
    state = State(reply["state"])
    applied = applied_of(count, reply["unapplied"]) if state is State.APPLIED else 0
    return Outcome(
        delivery_id=DeliveryId(reply["delivery_id"]),
        state=state,
        operations=reply["applied"],
        applied=frozenset(at for at in range(count) if applied >> at & 1),
        errors=[problem_from_json(problem) for problem in reply["errors"]],
        warnings=[problem_from_json(problem) for problem in reply["warnings"]],
    )
