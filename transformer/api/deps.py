"""What the API needs from the process that serves it.

``Preview`` and :class:`~transformer.ingest.pump.Replayer` stand for the sandbox and the queue: the API
asks for what they do and knows neither V8 nor Redis.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from transformer.clock import Clock
from transformer.delivery import Outcome, Problem
from transformer.forward.address import Reach
from transformer.ids import TransformationId, WorkspaceId
from transformer.ingest.pump import Replayer
from transformer.store.engine import Engine
from transformer.transformation import Destination


class Preview(Protocol):
    """Runs code without writing anything."""

    def run(
        self,
        *,
        workspace_id: WorkspaceId,
        code: str,
        destination: Destination,
        payload: bytes,
        headers: dict[str, str],
        context: dict[str, Any],
    ) -> Outcome:
        """Transform one payload, a JSON text.

        Raises:
            SandboxUnavailable: no guest process could be started.
        """
        ...

    def check(self, *, workspace_id: WorkspaceId, code: str) -> Problem | None:
        """Say what is wrong with the code's syntax.

        Raises:
            SandboxUnavailable: no guest process could be started.
        """
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """A process that lives: when it was heard last, and how long its drain has been at work."""

    role: str
    instance: str
    age_s: float
    busy_s: float


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something that is not as it should be, while webhooks are still accepted."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Watched:
    """What is seen of all processes and of what they share."""

    processes: Sequence[Seen]
    degraded: Sequence[Complaint]


@dataclass(frozen=True, slots=True)
class Delay:
    """What waits for a transformation, or for the writer, where it is None."""

    transformation_id: TransformationId | None
    waiting: int
    oldest_s: float


@dataclass(frozen=True, slots=True)
class ApiDeps:
    """Everything that is handed to the API.

    Args:
        base_url: where senders reach us, without a slash at its end; empty: as the request did.
        changed: called after each committed change of sources, transformations or revisions, so
            that other processes drop what they keep of them.
        ready: names each service that accepting needs, with what is wrong with it or None.
        delays: tells how much of a workspace waits, by transformation (None: for the writer), and
            since how many seconds the oldest does.
        watched: tells which processes live, and what is not as it should be.
        layers: names each layer of the sandbox: whether it is in force here, and how or why not.
        max_body_bytes: the largest webhook; a request may carry one and code beside it.
        blocked_external_ids: those that the writer gives to no profile.
        forward_reach: which addresses a forward may have.
        forward_timeout_s: how long a call of a forward may take.
    """

    engine: Engine
    clock: Clock
    admin_token: str
    base_url: str
    preview: Preview
    replayer: Replayer
    changed: Callable[[], None]
    ready: Callable[[], list[tuple[str, str | None]]]
    layers: Callable[[], list[tuple[str, bool, str]]]
    delays: Callable[[WorkspaceId], Sequence[Delay]]
    watched: Callable[[], Watched]
    max_body_bytes: int
    blocked_external_ids: frozenset[str]
    forward_reach: Reach = "public"
    forward_timeout_s: float = 15.0
