"""The rows that a settlement leaves in the store: its event, and its line in the delivery log."""

from transformer.delivery import Problem, Trigger
from transformer.operation import JsonObject
from transformer.settlement import Settlement
from transformer.store.bulk import Parameters
from transformer.store.documents import encoded, passed_on
from transformer.writer.settle import Settled

_MAX_CONTENT_TYPE = 250
_MAX_CODE = 40


def event_row(settlement: Settlement) -> Parameters:
    """Give the row of a settlement's event."""
    return (
        settlement.event_id,
        settlement.workspace_id,
        settlement.source_id,
        settlement.content_type[:_MAX_CONTENT_TYPE],
        passed_on(settlement.headers),
        settlement.body,
        settlement.accepted_at,
    )


def delivery_row(settlement: Settlement, settled: Settled, *, now: str) -> Parameters:
    """Give the row of the delivery log: the run's report, and what the writer has to say."""
    told = settlement.report
    errors = _joined(told.get("errors"), settled.errors)
    report = {
        "output": settlement.output,
        "operations": [operation.as_reference() for operation in settlement.operations],
        "errors": errors,
        "warnings": _joined(told.get("warnings"), settled.warnings),
        "console": told.get("console") or [],
    }
    if settled.changes:
        report["changes"] = settled.changes
    text = encoded(report)
    held = len(text)
    if settlement.replay_of is None:
        held += len(settlement.headers) + len(settlement.body)
    return (
        settlement.delivery_id,
        settlement.workspace_id,
        settlement.transformation_id,
        settlement.revision_id,
        settlement.event_id,
        settled.state.value,
        errors[0]["code"][:_MAX_CODE] if errors else None,
        len(settlement.operations),
        text,
        settlement.duration_us,
        settlement.accepted_at,
        now,
        settlement.replay_of,
        settlement.attempt,
        Trigger.MANUAL.value if settlement.is_repeated else Trigger.AUTOMATIC.value,
        settled.unapplied,
        held,
    )


def _joined(told: list[JsonObject] | None, added: tuple[Problem, ...]) -> list[JsonObject]:
    """Add what the writer says, but not of a place of which the run has said it."""
    if not added:
        return told or []
    if not told:
        return [problem.as_json() for problem in added]
    places = {one.get("pointer") for one in told}
    return [
        *told,
        *(one.as_json() for one in added if one.pointer not in places or not one.pointer),
    ]
