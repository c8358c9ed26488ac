"""Settlements for tests: everything that a test does not care about is filled in."""

from collections.abc import Sequence
from typing import Any

import orjson

from transformer.ids import (
    DeliveryId,
    EventId,
    ReplayId,
    TransformationId,
    WorkspaceId,
    new_delivery_id,
    new_event_id,
    new_revision_id,
    new_source_id,
    new_transformation_id,
)
from transformer.operation import JsonObject, Kind, Operation
from transformer.settlement import Settlement

WORKSPACE = WorkspaceId("wsp_" + "0" * 32)
TRANSFORMATION = new_transformation_id()


def attributes(**described: Any) -> JsonObject:
    return {"kind": "attributes", "object": described}


def event(**described: Any) -> JsonObject:
    return {"kind": "event", "object": {"time": "2026-01-02T03:04:05.000Z", **described}}


def purchase(**described: Any) -> JsonObject:
    filled = {
        "product_id": "mug",
        "currency": "EUR",
        "price": 1,
        "time": "2026-01-02T03:04:05.000Z",
    }
    return {"kind": "purchase", "object": filled | described}


def item(kind: str, catalog_name: str, **described: Any) -> JsonObject:
    return {"kind": f"catalog.{kind}", "catalog_name": catalog_name, "object": described}


def make_settlement(
    *operations: JsonObject | Operation,
    workspace_id: WorkspaceId = WORKSPACE,
    verdict: str = "ok",
    event_id: EventId | None = None,
    delivery_id: DeliveryId | None = None,
    transformation_id: TransformationId | None = TRANSFORMATION,
    replay_of: DeliveryId | None = None,
    attempt: int = 1,
    is_retry: bool = False,
    replay_id: ReplayId | None = None,
    body: bytes = b'{"id": 1}',
    content_type: str = "application/json",
    headers: dict[str, str] | None = None,
    accepted_at: str = "2026-03-01T12:00:00.000Z",
    output: Any = None,
    errors: Sequence[JsonObject] = (),
    warnings: Sequence[JsonObject] = (),
) -> Settlement:
    described = [_described(operation) for operation in operations]
    return Settlement(
        delivery_id=delivery_id or new_delivery_id(),
        workspace_id=workspace_id,
        source_id=new_source_id(),
        transformation_id=transformation_id,
        revision_id=new_revision_id(),
        event_id=event_id or new_event_id(),
        verdict=verdict,
        output=output if output is not None else [one["object"] for one in described],
        operations=_operations_of(described),
        report={"errors": list(errors), "warnings": list(warnings)},
        duration_us=7,
        accepted_at=accepted_at,
        content_type=content_type,
        headers=orjson.dumps({"Content-Type": content_type} if headers is None else headers),
        body=body,
        replay_of=replay_of,
        attempt=attempt,
        is_retry=is_retry,
        replay_id=replay_id,
    )


def _described(operation: JsonObject | Operation) -> JsonObject:
    return operation.as_json() if isinstance(operation, Operation) else operation


def _operations_of(operations: Sequence[JsonObject]) -> list[Operation]:
    """Make operations out of an output that is the list of their objects."""
    return [
        Operation(
            kind=Kind(operation["kind"]),
            position=position,
            object=operation["object"],
            path=(position,),
            catalog_name=operation.get("catalog_name", ""),
        )
        for position, operation in enumerate(operations)
    ]
