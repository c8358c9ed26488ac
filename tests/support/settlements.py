"""Settlements for tests: everything that a test does not care about is filled in."""

from collections.abc import Sequence
from typing import Any

from transformer.ids import (
    DeliveryId,
    EventId,
    TransformationId,
    WorkspaceId,
    new_delivery_id,
    new_event_id,
    new_revision_id,
    new_source_id,
    new_transformation_id,
)
from transformer.operation import JsonObject
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
    *operations: JsonObject,
    workspace_id: WorkspaceId = WORKSPACE,
    verdict: str = "ok",
    event_id: EventId | None = None,
    delivery_id: DeliveryId | None = None,
    transformation_id: TransformationId | None = TRANSFORMATION,
    replay_of: DeliveryId | None = None,
    body: bytes = b'{"id": 1}',
    content_type: str = "application/json",
    headers: dict[str, str] | None = None,
    accepted_at: str = "2026-03-01T12:00:00.000Z",
    output: Any = None,
    errors: Sequence[JsonObject] = (),
    warnings: Sequence[JsonObject] = (),
) -> Settlement:
    return Settlement(
        delivery_id=delivery_id or new_delivery_id(),
        workspace_id=workspace_id,
        source_id=new_source_id(),
        transformation_id=transformation_id,
        revision_id=new_revision_id(),
        event_id=event_id or new_event_id(),
        verdict=verdict,
        operations=list(operations),
        report={
            "output": output,
            "errors": list(errors),
            "warnings": list(warnings),
            "console": [],
        },
        duration_us=7,
        accepted_at=accepted_at,
        content_type=content_type,
        headers={"Content-Type": content_type} if headers is None else headers,
        body=body,
        replay_of=replay_of,
    )
