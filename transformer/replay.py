"""A replay: stored events that become new deliveries; a retry: deliveries that are tried again.

Both are worked off the same way, page by page in the order of the log, and both keep a record of how
far they have come. What is counted twice by neither is decided in ``writer/replays.py``.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from transformer.delivery import State
from transformer.event import Event
from transformer.ids import DeliveryId, ReplayId, RevisionId, TransformationId, WorkspaceId
from transformer.operation import JsonObject


class ReplayKind(StrEnum):
    """What becomes of each delivery that is found."""

    REPLAY = "replay"
    RETRY = "retry"


class ReplayState(StrEnum):
    """Where a replay stands; only a running one moves."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries of the log are meant; what is None or empty does not matter.

    Args:
        text: what a delivery's ids, report or body hold.
        accepted_from: not accepted before; ISO 8601, as the store keeps times.
        accepted_until: accepted before.
    """

    transformation_id: TransformationId | None = None
    state: State | None = None
    error_code: str = ""
    text: str = ""
    accepted_from: str = ""
    accepted_until: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """The deliveries that are replayed or tried again: named one by one, or found by a filter."""

    workspace_id: WorkspaceId
    kind: ReplayKind
    delivery_ids: tuple[DeliveryId, ...] = ()
    filter: DeliveryFilter = field(default_factory=DeliveryFilter)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a replay has come.

    Args:
        cursor: the last delivery of the log that it has come to; empty before the first.
        appended: how many were put onto their streams.
        refused: how many cannot be replayed.
        repeated: how many are of an event that goes through its transformation in this replay
            already.
    """

    cursor: str = ""
    appended: int = 0
    refused: int = 0
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class Replay:
    """The record of a replay.

    Args:
        until: the last delivery of the log when it began; what came later is not in it.
        found: how many deliveries were found then.
        settled: how many of those appended have ended, by state; ``too_late`` are retries that had
            nothing left to do.
        error: why it failed.
    """

    id: ReplayId
    selection: Selection
    revision_id: RevisionId | None
    state: ReplayState
    until: str
    found: int
    progress: Progress
    settled: dict[str, int]
    error: str
    created_at: datetime
    updated_at: datetime

    @property
    def kind(self) -> ReplayKind:
        """Whether deliveries are made anew or tried again."""
        return self.selection.kind


@dataclass(frozen=True, slots=True)
class ReplayItem:
    """A stored event that is to go through a transformation again.

    Args:
        payload: JSON text, read from the event's body.
        revision_id: None: whichever is published when a worker takes it.
        replay_of: the delivery that a new one repeats; None in a retry.
        retry_of: the delivery that is tried again; None in a replay.
        attempt: which try of its delivery this will be, from 1.
    """

    event: Event
    payload: bytes
    source_name: str
    transformation_id: TransformationId
    revision_id: RevisionId | None
    replay_of: DeliveryId | None = None
    retry_of: DeliveryId | None = None
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page of a replay lies: it is appended only if the one before it was the last."""

    replay_id: ReplayId
    workspace_id: WorkspaceId
    before: Progress
    after: Progress
    # More than so many entries waiting on one of its streams, and the page waits itself.
    most_waiting: int


@dataclass(frozen=True, slots=True)
class Appended:
    """The page is on its streams."""


@dataclass(frozen=True, slots=True)
class Busy:
    """So much waits already that live webhooks would wait behind the page: nothing was done."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another page was the last one: nothing was done."""

    progress: Progress


def request_of(selection: Selection) -> JsonObject:
    """Write what was asked for, as the API takes it."""
    if selection.delivery_ids:
        return {"delivery_ids": list(selection.delivery_ids)}
    wanted = selection.filter
    named = {
        "transformation": wanted.transformation_id,
        "outcome": wanted.state.value if wanted.state else None,
        "error": wanted.error_code,
        "q": wanted.text,
        "accepted_from": wanted.accepted_from,
        "accepted_until": wanted.accepted_until,
    }
    return {"filter": {name: value for name, value in named.items() if value}}


def selection_of(request: JsonObject, *, workspace_id: WorkspaceId, kind: ReplayKind) -> Selection:
    """Read what :func:`request_of` wrote."""
    named = request.get("filter") or {}
    transformation, outcome = named.get("transformation"), named.get("outcome")
    return Selection(
        workspace_id=workspace_id,
        kind=kind,
        delivery_ids=tuple(map(DeliveryId, request.get("delivery_ids") or ())),
        filter=DeliveryFilter(
            transformation_id=TransformationId(transformation) if transformation else None,
            state=State(outcome) if outcome else None,
            error_code=named.get("error") or "",
            text=named.get("q") or "",
            accepted_from=named.get("accepted_from") or "",
            accepted_until=named.get("accepted_until") or "",
        ),
    )
