"""A settlement: an event with what became of it, on its way from the worker to the writer.

It is the one message on the outcomes stream. It carries the event itself, because the events
stream forgets an event in the same transaction that appends its settlement (I5).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from transformer.ids import (
    DeliveryId,
    EventId,
    ReplayId,
    RevisionId,
    SourceId,
    TransformationId,
    WorkspaceId,
)
from transformer.operation import Operation, operations_of

CAPTURED = "captured"
_FIELDS = 6
# Where headers and body stand among the values; they are no part of the JSON.
_RAW_AT = 13


# Not frozen, though nothing changes it: a frozen one of fifteen fields takes five times as long to
# make, for each webhook, in the worker and in the writer.
@dataclass(slots=True)
class Settlement:
    """What the writer needs of one delivery.

    Args:
        verdict: ok, skipped or failed, as transforming ended; captured where no revision was
            published.
        output: what the code returned, parsed; None where it returned nothing.
        operations: what the output asks for, in order; each is a part of the output.
        report: errors, warnings and console of the run, as ``run --json`` gives them, and
            ``refused``, the positions of operations that are not to be applied; where there are any.
        accepted_at: ISO 8601, UTC, milliseconds.
        headers: a JSON object of the headers as user code sees them, under Train-Case names.
        replay_of: the delivery that this one repeats, else None.
        attempt: which try of the delivery this is, from 1.
        is_retry: a person asked for another try; the delivery is in the log already.
        replay_id: the replay that asked for this delivery, else None.
        reply_to: the list in Redis on which somebody waits to hear what became of it, else None.
    """

    delivery_id: DeliveryId
    workspace_id: WorkspaceId
    source_id: SourceId
    transformation_id: TransformationId | None
    revision_id: RevisionId | None
    event_id: EventId
    verdict: str
    output: Any
    operations: Sequence[Operation]
    report: dict[str, Any]
    duration_us: int
    accepted_at: str
    content_type: str
    headers: bytes
    body: bytes
    replay_of: DeliveryId | None = None
    attempt: int = 1
    is_retry: bool = False
    replay_id: ReplayId | None = None
    reply_to: str | None = None

    @property
    def is_repeated(self) -> bool:
        """Whether some of its operation keys may have been applied before."""
        return self.replay_of is not None or self.is_retry


def to_fields(settlement: Settlement) -> tuple[bytes | str, ...]:
    """Write a settlement as fields of a stream entry; an entry holds those of a whole batch.

    Headers and body are no part of the JSON: nobody needs to look inside them on the way, and a
    body may be no text at all.
    """
    values = (
        settlement.delivery_id,
        settlement.workspace_id,
        settlement.source_id,
        settlement.transformation_id,
        settlement.revision_id,
        settlement.event_id,
        settlement.verdict,
        settlement.output,
        [operation.as_reference() for operation in settlement.operations],
        settlement.report,
        settlement.duration_us,
        settlement.accepted_at,
        settlement.content_type,
        settlement.replay_of,
        settlement.attempt,
        settlement.is_retry,
        settlement.replay_id,
        settlement.reply_to,
    )
    return ("s", orjson.dumps(values), "h", settlement.headers, "b", settlement.body)


def from_fields(fields: Sequence[bytes]) -> Iterator[Settlement]:
    """Read the settlements of one entry."""
    for at in range(0, len(fields), _FIELDS):
        held = orjson.loads(fields[at + 1])
        output, references = held[7], held[8]
        held[8] = operations_of(output, references)
        values = [*held[:_RAW_AT], fields[at + 3], fields[at + 5], *held[_RAW_AT:]]
        yield Settlement(*values)
