"""``/users/track``: attributes, events and purchases of users (braze.md §2.1)."""

from http import HTTPStatus

from transformer.api.bodies import Schema, object_schema
from transformer.api_key import Permission
from transformer.clock import to_text
from transformer.operation import JsonObject
from transformer.rest import errors, rates
from transformer.rest.door import ARRAYS, Checked, check_objects
from transformer.rest.route import Answer, RestCall, RestRoute
from transformer.rest.submission import Asked
from transformer.schemas.reader import load_schema
from transformer.transformation import Destination
from transformer.writer.wire import as_wire

MOST_OBJECTS = 75

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


def _body_schema(most: int) -> Schema:
    """Give the schema of a body, whose objects are those that a transformation returns."""
    described = load_schema(Destination.TRACK)
    return {
        "type": "object",
        "properties": {
            array: described["properties"][array] | {"maxItems": most} for array in ARRAYS
        }
        | {"partner": {"type": "string", "description": "the name of an integration; not used"}},
        "$defs": described["$defs"],
    }


async def _track(call: RestCall) -> Answer:
    checked = read_objects(call, most=MOST_OBJECTS)
    await call.submit(Asked(checked.operations, checked.errors))
    return Answer(HTTPStatus.CREATED, _told(checked))


def read_objects(call: RestCall, *, most: int) -> Checked:
    """Check the objects of a call's body.

    Raises:
        Refused: 400, there are more than ``most``, or none that is valid.
    """
    checked = check_objects(call.body, most=most, now=to_text(call.clock.now()))
    if checked is None:
        raise errors.bad_request(TOO_MANY)
    if not checked.operations:
        raise errors.bad_request(
            NOTHING_VALID, errors=[as_wire(problem) for problem in checked.errors]
        )
    return checked


def _told(checked: Checked) -> JsonObject:
    told: JsonObject = {"message": "success"}
    for array, count in checked.counts.items():
        told[f"{array}_processed"] = count
    if checked.errors:
        told["errors"] = [as_wire(problem) for problem in checked.errors]
    return told


ROUTES = (
    RestRoute(
        "POST",
        "/users/track",
        Permission.USERS_TRACK,
        rates.TRACK,
        "Change attributes of users, and tell of events and purchases.",
        _track,
        {HTTPStatus.CREATED: _TRACKED},
        body=_body_schema(MOST_OBJECTS),
    ),
)
