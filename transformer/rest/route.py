"""One route of the REST API as a value, and a call of it as its handler gets it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeAlias, TypeVar

from starlette.concurrency import run_in_threadpool

from transformer.api.bodies import Schema
from transformer.api_key import Permission
from transformer.clock import Clock
from transformer.ids import DeliveryId, WorkspaceId
from transformer.operation import JsonObject
from transformer.rest.rates import Rate
from transformer.rest.submission import Asked, Outcome, Sent, Submissions
from transformer.store.engine import Connection, Engine, reading, writing
from transformer.worker.check import MOST_LEVELS

MOST_BODY_BYTES = 4 * 1_048_576

_T = TypeVar("_T")


Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]


class Answer(NamedTuple):
    """What a call is answered: a JSON object, under a status."""

    status: int
    body: JsonObject
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class RestCall:
    """A call whose key may make it, and whose body is a JSON object.

    Args:
        sent: who calls, and what came; its body is empty where the route takes none.
        path: what stands in the path's places.
        query: what stands behind the path; of a name that is given twice, the last.
        scheme: how the caller reached us: http or https.
        blocked_external_ids: those that no profile gets.
    """

    sent: Sent
    path: Mapping[str, str]
    query: Mapping[str, str]
    scheme: str
    blocked_external_ids: frozenset[str]
    clock: Clock
    engine: Engine
    submissions: Submissions

    @property
    def body(self) -> JsonObject:
        """The parsed body."""
        return self.sent.body

    @property
    def workspace_id(self) -> WorkspaceId:
        """The workspace of the caller's key, the only one that it can reach."""
        return self.sent.key.workspace_id

    @property
    def base_url(self) -> str:
        """Where the caller reached us, for links."""
        hosts = (value for name, value in self.sent.headers if name == b"host")
        return f"{self.scheme}://{next(hosts, b'').decode('latin-1')}"

    async def read(self, question: Callable[[Connection], _T]) -> _T:
        """Ask the store, in a thread.

        Raises:
            StoreUnavailable: it does not answer.
        """
        return await run_in_threadpool(self._read, question)

    async def change(self, change: Callable[[Connection], _T]) -> _T:
        """Change the configuration in the store, such as a catalog's fields, in a thread.

        Raises:
            StoreUnavailable: it does not answer.
        """
        return await run_in_threadpool(self._change, change)

    async def submit(self, asked: Asked, *, most_waiting: int = 0) -> DeliveryId:
        """Have something changed; back once Redis holds it, durably.

        Args:
            asked: what.
            most_waiting: how many entries may wait before it, where that is fewer than the workspace
                may have waiting; 0: as many as that.

        Raises:
            BacklogFull: more waits than the workspace may have waiting.
            QueueUnavailable: Redis does not answer, or refuses to write.
        """
        own = self.sent.most_waiting
        sent = self.sent
        if most_waiting and (not own or most_waiting < own):
            sent = replace(sent, most_waiting=most_waiting)
        return await self.submissions.hold(sent, asked)

    async def submit_and_wait(self, asked: Asked) -> Outcome:
        """Have something changed; back once it is in the store.

        Raises:
            BacklogFull, QueueUnavailable: as for :meth:`submit`; nothing was changed.
            NotAppliedYet: the writer has not said in time what became of it. It is held, and will be
                applied.
        """
        return await self.submissions.hold_and_wait(self.sent, asked)

    def _read(self, question: Callable[[Connection], _T]) -> _T:
        with reading(self.engine) as connection:
            return question(connection)

    def _change(self, change: Callable[[Connection], _T]) -> _T:
        with writing(self.engine) as connection:
            return change(connection)


Handler: TypeAlias = Callable[[RestCall], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class QueryName:
    """A name that the query may hold; others are passed over."""

    name: str
    description: str
    schema: Schema = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True, slots=True)
class RestRoute:
    """One method of one path.

    Args:
        path: with a place in braces for each part that varies: ``/catalogs/{catalog_name}/items``.
        permission: what the key must be allowed to do.
        rate: what the call counts for.
        answers: the schemas of what is answered, by status; errors all have one shape.
        body: the schema of the body, for the OpenAPI document: what does not fit it is refused by the
            handler, in Braze's words. None: the route takes no body.
        most_body_bytes: a larger body is refused with 413.
        most_levels: a body with more levels is refused with 400, before the handler sees it.
    """

    method: str
    path: str
    permission: Permission
    rate: Rate
    summary: str
    handler: Handler
    answers: Mapping[int, Schema]
    body: Schema | None = None
    query: tuple[QueryName, ...] = ()
    most_body_bytes: int = MOST_BODY_BYTES
    most_levels: int = MOST_LEVELS
