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


def identity(kind: str, array: str, **described: Any) -> JsonObject:
    """Describe an element of an array of the REST API that changes who a profile is."""
    return {"kind": kind, "array": array, "object": described}


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
    made_output, made_operations = _written(described)
    return Settlement(
        delivery_id=delivery_id or new_delivery_id(),
        workspace_id=workspace_id,
        source_id=new_source_id(),
        transformation_id=transformation_id,
        revision_id=new_revision_id(),
        event_id=event_id or new_event_id(),
        verdict=verdict,
        output=output if output is not None else made_output,
        operations=made_operations,
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
    if not isinstance(operation, Operation):
        return operation
    array = {"array": operation.path[0]} if isinstance(operation.path[0], str) else {}
    return operation.as_json() | array


def _written(operations: Sequence[JsonObject]) -> tuple[Any, list[Operation]]:
    """Make an output that holds all these objects, and the operations that it asks for.

    The output is the list of the objects, but where some stand in arrays of the REST API.
    """
    in_arrays = any("array" in operation for operation in operations)
    arrays: dict[str, list[JsonObject]] = {}
    made = []
    for position, operation in enumerate(operations):
        array = arrays.setdefault(operation.get("array", "objects"), [])
        array.append(operation["object"])
        place = (operation.get("array", "objects"), len(array) - 1) if in_arrays else (position,)
        made.append(
            Operation(
                kind=Kind(operation["kind"]),
                position=position,
                object=operation["object"],
                path=place,
                catalog_name=operation.get("catalog_name", ""),
            )
        )
    return arrays if in_arrays else arrays.get("objects", []), made
