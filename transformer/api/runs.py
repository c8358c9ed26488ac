"""The route that runs code on one payload, as the editor's test button does; nothing is written.

It also says what the writer would make of what the code returned.
"""

from typing import Any

import orjson

from transformer.api.bodies import RUN, Schema, object_schema
from transformer.api.dry_runs import CHANGES_OF_ONE, PROBLEMS, try_out
from transformer.api.route import ApiCall, ApiRoute
from transformer.api.transformations import ONE, read_named, read_source_of
from transformer.clock import to_text
from transformer.delivery import Outcome
from transformer.errors import BodyTooLarge, InvalidRequest, NotFound
from transformer.event import Event, payload_text, train_case
from transformer.ids import EventId, TransformationId
from transformer.operation import JsonObject
from transformer.source import Source
from transformer.store.deliveries import list_deliveries, read_event
from transformer.store.engine import Connection, reading
from transformer.transformation import Transformation
from transformer.writer.dry_run import as_delivered, settled_json
from transformer.writer.told import told_on_the_wire

# The event of a payload that never was one: always the same, so that code that asks for random
# numbers, which the event's id seeds, gives the same result each time it is tried.
_NO_EVENT_ID = EventId("evt_" + "0" * 32)

_ANSWER: Schema = object_schema(
    {
        "outcome": {"enum": ["ok", "skipped", "failed"]},
        "output": {},
        "operations": {"type": "array", "items": {"type": "object"}},
        "errors": PROBLEMS,
        "warnings": PROBLEMS,
        "console": {"type": "array", "items": {"type": "object"}},
        "duration_us": {"type": "integer"},
        "changes": {"anyOf": [CHANGES_OF_ONE, {"type": "null"}]},
    },
    required=[
        "outcome",
        "output",
        "operations",
        "errors",
        "warnings",
        "console",
        "duration_us",
        "changes",
    ],
)


def _run(call: ApiCall) -> JsonObject:
    if "payload" in call.body and "event_id" in call.body:
        raise InvalidRequest(
            "Both `payload` and `event_id` are given; only one can be the payload.",
            hint="Leave one of them out.",
            pointer="/event_id",
        )
    with reading(call.deps.engine) as connection:
        transformation = read_named(call, connection)
        source = read_source_of(connection, transformation)
        event = None if "payload" in call.body else _event(call, connection, transformation)
    if event is None:
        payload, headers = _given_payload(call), {}
    else:
        payload, headers = payload_text(event.body, event.content_type), dict(event.headers)
    if "headers" in call.body:
        headers = {train_case(name): value for name, value in call.body["headers"].items()}
    context = _context(call, transformation, source, event)
    outcome = call.deps.preview.run(
        workspace_id=call.workspace_id,
        code=call.body.get("code", transformation.draft),
        destination=transformation.destination,
        payload=payload,
        headers=headers,
        context=context,
    )
    changes = _changes(call, outcome, context) if call.body.get("changes", True) else None
    told = told_on_the_wire(outcome.as_json(), outcome.output)
    return told | {"changes": changes}


def _changes(call: ApiCall, outcome: Outcome, context: dict[str, Any]) -> JsonObject:
    """Say what the outcome would change if its webhook came now, be it one that came before."""
    settlement = as_delivered(
        outcome,
        workspace_id=call.workspace_id,
        event_id=EventId(context["event_id"]),
        accepted_at=context["accepted_at"],
        transformation_id=TransformationId(context["transformation"]["id"]),
    )
    found = try_out(call, [settlement])
    settled = told_on_the_wire(settled_json(found.settled[0]), outcome.output)
    return settled | found.as_json()


def _given_payload(call: ApiCall) -> bytes:
    payload = orjson.dumps(call.body["payload"])
    limit = call.deps.max_body_bytes
    if len(payload) > limit:
        raise BodyTooLarge(
            f"`payload` is {len(payload):,} bytes large, but a webhook may have at most {limit:,}.",
            hint="Try a smaller one, or raise TRANSFORMER_MAX_BODY_BYTES.",
            pointer="/payload",
        )
    return payload


def _event(call: ApiCall, connection: Connection, transformation: Transformation) -> Event:
    """Find the event that the caller names, or the newest one."""
    named: EventId | None = call.body.get("event_id")
    if named is None:
        newest = list_deliveries(
            connection,
            workspace_id=call.workspace_id,
            transformation_id=transformation.id,
            limit=1,
        )
        if not newest:
            raise InvalidRequest(
                f"{transformation.name!r} has not had a webhook yet, so there is nothing to run on.",
                hint="Give a `payload`, or send a webhook to the transformation's URL first.",
                pointer="/payload",
            )
        named = EventId(newest[0]["event_id"])
    event = read_event(connection, workspace_id=call.workspace_id, event_id=named)
    if event is None:
        raise NotFound(
            f"There is no event {named} in this workspace any more.",
            hint="Events are kept for TRANSFORMER_LOG_RETENTION_DAYS; choose a newer one.",
            pointer="/event_id",
        )
    return event


def _context(
    call: ApiCall, transformation: Transformation, source: Source, event: Event | None
) -> dict[str, Any]:
    """Give what a worker would give, but for the revision: a draft has none."""
    return {
        "event_id": event.id if event else _NO_EVENT_ID,
        "accepted_at": to_text(event.accepted_at if event else call.deps.clock.now()),
        "source": {"id": source.id, "name": source.name},
        "transformation": {
            "id": transformation.id,
            "name": transformation.name,
            "revision": None,
        },
    }


ROUTES = (
    ApiRoute(
        "POST",
        f"{ONE}/run",
        "Run code on a payload in the sandbox, and say what it would change; nothing is written.",
        _run,
        _ANSWER,
        body=RUN,
    ),
)
