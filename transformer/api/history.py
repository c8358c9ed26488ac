"""Routes of provenance: which delivery set each value of a profile or an item, and what happened lately."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from transformer.api.bodies import Schema, id_schema, object_schema
from transformer.api.route import ApiCall, ApiRoute, Parameter
from transformer.clock import to_text
from transformer.ids import ProfileId
from transformer.operation import JsonObject
from transformer.store.engine import reading
from transformer.store.history import (
    Entry,
    Subject,
    item_subject,
    profile_subject,
    read_entries,
    read_origins,
)
from transformer.trail import by_part
from transformer.writer.times import read_time

_DEFAULT_LIMIT = 50
_MAX_LIMIT = 200
# What Braze shows of a profile (braze.md §2.1).
_MOST_SHOWN = 100
_SHOWN_FOR = timedelta(days=30)

SET_BY: Schema = {
    "type": "object",
    "description": "in the profile's shape, for each value the delivery that set it",
}
ORIGIN: Schema = object_schema(
    {
        "delivery_id": id_schema("dlv"),
        "at": {
            "type": "string",
            "description": "when it was applied; when it was made, where the log has it no more",
        },
        "in_log": {"type": "boolean", "description": "whether the delivery log has it still"},
        "event_id": id_schema("evt"),
        "accepted_at": {"type": "string"},
        "replay_of": {"type": ["string", "null"]},
        "source": {"type": ["object", "null"], "description": "`id` and `name` of a webhook's"},
        "api_key": {"type": ["object", "null"], "description": "`id` and `name` of an API call's"},
        "transformation": {"type": ["object", "null"], "description": "`id` and `name`"},
        "revision": {"type": ["object", "null"], "description": "`id` and `number`"},
    },
    required=["delivery_id", "at", "in_log"],
)
DELIVERIES: Schema = {
    "type": "object",
    "description": "each delivery that is named, by its id",
    "additionalProperties": ORIGIN,
}
_ENTRY: Schema = object_schema(
    {
        **ORIGIN["properties"],
        "changes": {
            "type": ["object", "null"],
            "description": "what it changed, `from` and `to`, and what it counted; null: the log "
            "has it no more",
        },
    },
    required=ORIGIN["required"],
)
_HISTORY = object_schema(
    {
        "set_by": SET_BY,
        "deliveries": DELIVERIES,
        "history": {"type": "array", "items": _ENTRY},
    },
    required=["set_by", "deliveries", "history"],
)
_LIMIT = Parameter(
    "limit",
    f"how many deliveries at most, {_DEFAULT_LIMIT} if absent",
    {"type": "integer", "minimum": 1, "maximum": _MAX_LIMIT},
)
# What a record says as it is.
_TOLD = (
    "created",
    "deleted",
    "merged",
    "merged_into",
    "aliases_added",
    "aliases_removed",
    "external_ids_removed",
)
_HAPPENED: Schema = {"type": "array", "items": {"type": "object"}, "maxItems": _MOST_SHOWN}


def _of_profile(call: ApiCall) -> JsonObject:
    with reading(call.deps.engine) as connection:
        subject = profile_subject(
            connection,
            workspace_id=call.workspace_id,
            profile_id=ProfileId(call.id("profile_id", "prf")),
        )
        return _history(call, connection, subject)


def _of_item(call: ApiCall) -> JsonObject:
    with reading(call.deps.engine) as connection:
        subject = item_subject(
            connection,
            workspace_id=call.workspace_id,
            catalog_name=call.path["catalog_name"],
            item_id=call.path["item_id"],
        )
        return _history(call, connection, subject)


def _history(call: ApiCall, connection: Any, subject: Subject) -> JsonObject:
    limit = call.integer("limit", default=_DEFAULT_LIMIT, most=_MAX_LIMIT)
    set_by = subject.setters()
    entries = read_entries(connection, subject, workspace_id=call.workspace_id, limit=limit)
    origins = read_origins(connection, workspace_id=call.workspace_id, ids=named_in(set_by))
    return {
        "set_by": set_by,
        "deliveries": origins,
        "history": [{**entry.origin, "changes": _changes(entry)} for entry in entries],
    }


def _recent(call: ApiCall) -> JsonObject:
    since = to_text(call.deps.clock.now() - _SHOWN_FOR)
    with reading(call.deps.engine) as connection:
        subject = profile_subject(
            connection,
            workspace_id=call.workspace_id,
            profile_id=ProfileId(call.id("profile_id", "prf")),
        )
        entries = read_entries(
            connection,
            subject,
            workspace_id=call.workspace_id,
            limit=_MOST_SHOWN,
            eventful_only=True,
        )
    told: dict[str, list[JsonObject]] = {"custom_events": [], "purchases": []}
    for entry in entries:
        for part, happened in _happened(entry):
            if happened["time"] >= since:
                told[part].append({**happened, "delivery_id": entry.origin["delivery_id"]})
    # Sorting is stable: of one moment what was applied last comes first.
    latest = {
        part: sorted(happened, key=lambda one: str(one["time"]), reverse=True)[:_MOST_SHOWN]
        for part, happened in told.items()
    }
    return {"events": latest["custom_events"], "purchases": latest["purchases"]}


def named_in(set_by: Mapping[str, Any]) -> Iterator[Any]:
    """List the deliveries that a profile's or an item's values were set by."""
    for held in set_by.values():
        if isinstance(held, dict):
            yield from held.values()
        else:
            yield held


def _changes(entry: Entry) -> JsonObject | None:
    record = entry.record
    if record is None:
        return None
    changes: JsonObject = {
        part: {name: {"from": before, "to": after} for name, (before, after) in told.items()}
        for part, told in by_part(record, "set").items()
    }
    for part, happened in _happened(entry):
        changes.setdefault({"custom_events": "events"}.get(part, part), []).append(happened)
    return {**{name: record[name] for name in _TOLD if name in record}, **changes}


def _happened(entry: Entry) -> Iterator[tuple[str, JsonObject]]:
    """Give the events and purchases of a delivery, the last one first, as its output has them."""
    if entry.record is None:
        return
    for part, counted in by_part(entry.record, "counted").items():
        by_position = {at: name for name, positions in counted.items() for at in positions}
        for position in sorted(by_position, reverse=True):
            given = entry.operations[position].object
            time = read_time(given.get("time")) or entry.origin["at"]
            told = {"time": min(time, entry.origin["at"])}
            if part == "custom_events":
                told["name"] = by_position[position]
            else:
                told["product_id"] = by_position[position]
                told |= {name: given.get(name) for name in ("price", "currency")}
                told["quantity"] = given.get("quantity", 1)
            yield part, {**told, "properties": given.get("properties") or {}}


ROUTES = (
    ApiRoute(
        "GET",
        "/api/profiles/{profile_id}/history",
        "Say which webhook or API call set each value of a profile, and what the last ones changed.",
        _of_profile,
        _HISTORY,
        query=(_LIMIT,),
    ),
    ApiRoute(
        "GET",
        "/api/profiles/{profile_id}/events",
        "List a profile's events and purchases of the last 30 days, 100 each at most.",
        _recent,
        object_schema(
            {"events": _HAPPENED, "purchases": _HAPPENED}, required=["events", "purchases"]
        ),
    ),
    ApiRoute(
        "GET",
        "/api/catalogs/{catalog_name}/items/{item_id}/history",
        "Say which webhook or API call set each field of an item, and what the last ones changed.",
        _of_item,
        _HISTORY,
        query=(_LIMIT,),
    ),
)
