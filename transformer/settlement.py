"""A settlement: an event with what became of it, on its way from the worker to the writer.

It is the one message on the outcomes stream. It carries the event itself, because the events
stream forgets an event in the same transaction that appends its settlement (I5).
"""

from dataclasses import dataclass
from typing import Any

import orjson

from transformer.ids import (
    DeliveryId,
    EventId,
    RevisionId,
    SourceId,
    TransformationId,
    WorkspaceId,
)
from transformer.operation import JsonObject

CAPTURED = "captured"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the writer needs of one delivery.

    Args:
        verdict: ok, skipped or failed, as transforming ended; captured where no revision was
            published.
        operations: as :meth:`transformer.operation.Operation.as_json` gives them, in order.
        report: output, errors, warnings and console of the run, as ``run --json`` gives them.
        accepted_at: ISO 8601, UTC, milliseconds.
        headers: as user code sees them: Train-Case names.
        replay_of: the delivery that this one repeats, else None.
    """

    delivery_id: DeliveryId
    workspace_id: WorkspaceId
    source_id: SourceId
    transformation_id: TransformationId | None
    revision_id: RevisionId | None
    event_id: EventId
    verdict: str
    operations: list[JsonObject]
    report: dict[str, Any]
    duration_us: int
    accepted_at: str
    content_type: str
    headers: dict[str, str]
    body: bytes
    replay_of: DeliveryId | None = None


def encode(settlement: Settlement) -> tuple[bytes, bytes]:
    """Write a settlement as (JSON, body): the body stays bytes, for it may be no text at all."""
    fields = (
        settlement.delivery_id,
        settlement.workspace_id,
        settlement.source_id,
        settlement.transformation_id,
        settlement.revision_id,
        settlement.event_id,
        settlement.verdict,
        settlement.operations,
        settlement.report,
        settlement.duration_us,
        settlement.accepted_at,
        settlement.content_type,
        settlement.headers,
        settlement.replay_of,
    )
    return orjson.dumps(fields), settlement.body


def decode(text: bytes, body: bytes) -> Settlement:
    """Read what :func:`encode` wrote."""
    *before_body, replay_of = orjson.loads(text)
    values = [*before_body, body, replay_of]
    return Settlement(*values)
