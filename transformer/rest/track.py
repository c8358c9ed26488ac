"""``/users/track``, ``/users/track/bulk`` and ``/users/track/sync`` (braze.md §2.1-2.3).

All three take attributes, events and purchases of users, and refuse alike what is wrong with them.
"""

from collections import Counter
from http import HTTPStatus
from typing import Any

from transformer.api.bodies import Schema, object_schema
from transformer.api_key import Permission
from transformer.delivery import State
from transformer.operation import JsonObject, Kind, Operation
from transformer.rest import errors, rates
from transformer.rest.door import ARRAYS, Checked, check_objects
from transformer.rest.lookup import find_named, identifier_of
from transformer.rest.route import MOST_BODY_BYTES, Answer, RestCall, RestRoute
from transformer.rest.submission import Asked
from transformer.schemas.reader import load_rest_schema
from transformer.writer.wire import as_wire

MOST_OBJECTS = 75
MOST_BULK_OBJECTS = 1_000
MOST_BULK_BYTES = 2 * 1_048_576
MOST_BULK_OF_ONE = 100

# A bulk call is taken while little waits, so that it stands before no other for long: as a page of a
# replay is.
_MOST_BEFORE_BULK = 1_536

TOO_MANY = "Max Input Length Exceeded"
NOTHING_VALID = "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."

_COUNT: Schema = {"type": "integer", "minimum": 0, "description": "objects that are queued"}
_ERRORS: Schema = {
    "type": "array",
    "description": "the objects that are not applied; all others are",
    "items": object_schema(
        {
            "type": {"type": "string", "description": "what is wrong"},
            "input_array": {"enum": list(ARRAYS)},
            "index": {"type": "integer", "minimum": 0},
        },
        required=["type", "input_array", "index"],
    ),
}
_TRACKED = object_schema(
    {
        "message": {"const": "success"},
        "attributes_processed": _COUNT,
        "events_processed": _COUNT,
        "purchases_processed": _COUNT,
        "errors": _ERRORS,
    },
    required=["message"],
)
_SUMMARY: dict[str, Schema] = {
    "first": {"type": "string"},
    "last": {"type": "string"},
    "count": {"type": "integer"},
}
_SYNCED = object_schema(
    {
        "message": {"const": "success"},
        "users": {
            "type": "array",
            "description": "the user as the object has left it; empty where it names nobody, and may "
            "create nobody",
            "maxItems": 1,
            "items": object_schema(
                {
                    "custom_attributes": {"type": "object", "description": "those that were sent"},
                    "custom_events": {
                        "type": "array",
                        "items": object_schema({"name": {"type": "string"}} | _SUMMARY),
                    },
                    "purchase_events": {
                        "type": "array",
                        "items": object_schema({"product_id": {"type": "string"}} | _SUMMARY),
                    },
                },
                closed=False,
            ),
        },
    },
    required=["message", "users"],
)


async def _track(call: RestCall) -> Answer:
    checked = _read_objects(call, most=MOST_OBJECTS)
    await call.submit(Asked(checked.operations, checked.errors))
    return Answer(HTTPStatus.CREATED, _told(checked))


async def _track_bulk(call: RestCall) -> Answer:
    if len(call.sent.raw) > MOST_BULK_BYTES:
        raise errors.bad_request(TOO_MANY)
    checked = _read_objects(call, most=MOST_BULK_OBJECTS)
    named = Counter(identifier_of(operation.object) for operation in checked.operations)
    if max(named.values()) > MOST_BULK_OF_ONE:
        raise errors.bad_request(TOO_MANY)
    await call.submit(Asked(checked.operations, checked.errors), most_waiting=_MOST_BEFORE_BULK)
    return Answer(HTTPStatus.CREATED, _told(checked))


async def _track_sync(call: RestCall) -> Answer:
    checked = _read_objects(call, most=1)
    [operation] = checked.operations
    outcome = await call.submit_and_wait(Asked(checked.operations))
    if outcome.errors:
        raise _nothing_valid([as_wire(problem) for problem in outcome.errors])
    users: list[JsonObject] = []
    if outcome.state is State.APPLIED and outcome.applied:
        found = await call.read(lambda connection: find_named(connection, call, operation.object))
        users = [_user(operation, profile) for profile in found[:1]]
    return Answer(HTTPStatus.CREATED, {"users": users, "message": "success"})


def _read_objects(call: RestCall, *, most: int) -> Checked:
    """Check the objects of a call's body.

    Raises:
        Refused: 400, there are more than ``most``, or none that is valid.
    """
    checked = check_objects(call, most=most)
    if checked is None:
        raise errors.bad_request(TOO_MANY)
    if not checked.operations:
        raise _nothing_valid([as_wire(problem) for problem in checked.errors])
    return checked


def _nothing_valid(told: list[Any]) -> errors.Refused:
    return errors.bad_request(NOTHING_VALID, errors=told)


def _told(checked: Checked) -> JsonObject:
    told: JsonObject = {"message": "success"}
    for array, count in checked.counts.items():
        told[f"{array}_processed"] = count
    if checked.errors:
        told["errors"] = [as_wire(problem) for problem in checked.errors]
    return told


def _user(operation: Operation, profile: JsonObject) -> JsonObject:
    """Show the part of a profile that an object was about."""
    described = operation.object
    identifier = identifier_of(described)
    user: JsonObject = {identifier.type.value: described[identifier.type.value]}
    match operation.kind:
        case Kind.ATTRIBUTES:
            held = profile.get("custom_attributes", {})
            names = (name.strip() for name in described)
            user["custom_attributes"] = {name: held[name] for name in names if name in held}
        case Kind.EVENT:
            user["custom_events"] = _summaries(profile.get("custom_events"), described["name"])
        case _:
            found = _summaries(profile.get("purchases"), described["product_id"])
            user["purchase_events"] = [
                {"product_id": summary.pop("name"), **summary} for summary in found
            ]
    return user


def _summaries(held: list[JsonObject] | None, name: str) -> list[JsonObject]:
    return [
        {part: summary[part] for part in ("name", *_SUMMARY)}
        for summary in held or []
        if summary["name"] == name
    ]


ROUTES = (
    RestRoute(
        "POST",
        "/users/track",
        Permission.USERS_TRACK,
        rates.TRACK,
        "Change attributes of users, and tell of events and purchases: 75 objects at most.",
        _track,
        {HTTPStatus.CREATED: _TRACKED},
        body=load_rest_schema(Permission.USERS_TRACK),
    ),
    RestRoute(
        "POST",
        "/users/track/bulk",
        Permission.USERS_TRACK_BULK,
        rates.TRACK_BULK,
        "The same for 1,000 objects, 100 of one user, in 2 MB; applied when there is time.",
        _track_bulk,
        {HTTPStatus.CREATED: _TRACKED},
        body=load_rest_schema(Permission.USERS_TRACK_BULK),
        most_body_bytes=MOST_BODY_BYTES,
    ),
    RestRoute(
        "POST",
        "/users/track/sync",
        Permission.USERS_TRACK_SYNC,
        rates.TRACK_SYNC,
        "The same for one object, answered when it is applied, with what has become of the user.",
        _track_sync,
        {HTTPStatus.CREATED: _SYNCED},
        body=load_rest_schema(Permission.USERS_TRACK_SYNC),
    ),
)
