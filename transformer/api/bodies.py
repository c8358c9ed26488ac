"""The JSON Schemas of request bodies, and what a caller is told of a body that breaks one.

The schemas are also what ``/api/openapi.json`` shows.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError, best_match

from transformer.catalog import FieldType
from transformer.delivery import State
from transformer.errors import InvalidRequest
from transformer.operation import JsonObject
from transformer.rules import MAX_NAME_LENGTH, BlockedKind, ForcedType
from transformer.transformation import MAX_CODE_BYTES, Destination, describe_oversize

Schema: TypeAlias = dict[str, Any]

MAX_REPLAYED_IDS = 1_000

# PostgreSQL's texts hold every character but NUL.
_TEXT: Schema = {"type": "string", "pattern": r"^[^\u0000]*$"}
_NAME: Schema = _TEXT | {"minLength": 1, "maxLength": 250}
_CODE: Schema = _TEXT | {
    "format": "code",
    "description": f"the body of a JavaScript function, at most {MAX_CODE_BYTES} bytes in UTF-8",
}
_CATALOG_WORD: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 250,
    "pattern": "^[A-Za-z0-9_-]+$",
}
DESTINATION: Schema = {"enum": [destination.value for destination in Destination]}
OUTCOME: Schema = {"enum": [state.value for state in State]}


def id_schema(prefix: str) -> Schema:
    """Give the schema of an id of one kind."""
    return {"type": "string", "pattern": f"^{prefix}_[0-9a-f]{{32}}$"}


def object_schema(
    properties: dict[str, Schema], *, required: Iterable[str] = (), closed: bool = True
) -> Schema:
    """Give the schema of an object; a closed one has no other properties."""
    schema: Schema = {"type": "object", "properties": properties, "required": list(required)}
    if closed:
        schema["additionalProperties"] = False
    return schema


NO_BODY = object_schema({})
CREATE_TRANSFORMATION = object_schema(
    {
        "name": _NAME,
        "destination": DESTINATION | {"default": Destination.TRACK.value},
        "code": _CODE,
        "publish": {"type": "boolean", "description": "publish the code at once"},
        "provider": {"type": ["string", "null"]},
    },
    required=["name"],
)
CHANGE_TRANSFORMATION = object_schema({"name": _NAME, "destination": DESTINATION})
SAVE_DRAFT = object_schema({"code": _CODE}, required=["code"])
PUBLISH = object_schema({"note": _TEXT | {"maxLength": 2_000}})
RUN = object_schema(
    {
        "code": _CODE | {"description": "what to run; the draft if absent"},
        "payload": {"description": "any JSON; the newest event's if absent"},
        "headers": {"type": "object", "additionalProperties": {"type": "string"}},
        "event_id": id_schema("evt") | {"description": "an event to take the payload from"},
        "changes": {
            "type": "boolean",
            "default": True,
            "description": "also say what would change in the workspace's store",
        },
    }
)
_DELIVERY_IDS: Schema = {
    "type": "array",
    "items": id_schema("dlv"),
    "minItems": 1,
    "maxItems": MAX_REPLAYED_IDS,
}
_TIME: Schema = {"type": "string", "description": "ISO 8601; without a zone: UTC"}
_FILTER: dict[str, Schema] = {
    "transformation": id_schema("trf"),
    "error": _TEXT | {"minLength": 1, "description": "the code of the first error"},
    "q": _TEXT | {"minLength": 1, "description": "a text in ids, report or body"},
    "accepted_from": _TIME,
    "accepted_until": _TIME | {"description": "ISO 8601, not included; without a zone: UTC"},
}
_PLAN: Schema = {"type": "boolean", "description": "only say what would be done"}
REPLAY = object_schema(
    {
        "delivery_ids": _DELIVERY_IDS,
        "filter": object_schema(_FILTER | {"outcome": OUTCOME}) | {"minProperties": 1},
        "revision": id_schema("rev") | {"description": "the published one if absent"},
        "plan": _PLAN,
    }
)
RETRY = object_schema(
    {
        "delivery_ids": _DELIVERY_IDS,
        "filter": object_schema(_FILTER | {"outcome": {"enum": [State.FAILED.value]}})
        | {"minProperties": 1},
        "plan": _PLAN,
    }
)
_URL: Schema = _TEXT | {"minLength": 1, "maxLength": 2_000}
# What a header can carry.
_CREDENTIAL: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 4_000,
    "pattern": "^[!-~]+$",
    "writeOnly": True,
    "description": "the key of the other side; it is kept, and never shown",
}
_OF_FORWARD: dict[str, Schema] = {
    "name": _NAME,
    "base_url": _URL | {"description": "such as https://rest.iad-01.braze.com"},
    "credential": _CREDENTIAL,
}
CREATE_FORWARD = object_schema(_OF_FORWARD, required=_OF_FORWARD)
CHANGE_FORWARD = object_schema(_OF_FORWARD) | {"minProperties": 1}
CREATE_CATALOG = object_schema(
    {
        "name": _CATALOG_WORD,
        "description": _TEXT | {"maxLength": 250},
        "fields": {
            "type": "array",
            "minItems": 1,
            "maxItems": 500,
            "items": object_schema(
                {
                    "name": _CATALOG_WORD,
                    "type": {"enum": list(FieldType)},
                },
                required=["name", "type"],
            ),
        },
    },
    required=["name", "fields"],
)
RULED_NAME: Schema = _TEXT | {"minLength": 1, "maxLength": MAX_NAME_LENGTH}
FORCE_TYPE = object_schema(
    {"name": RULED_NAME, "type": {"enum": [one.value for one in ForcedType]}},
    required=["name", "type"],
)
BLOCK_NAME = object_schema(
    {
        "kind": {"enum": [one.value for one in BlockedKind]},
        "name": RULED_NAME,
        "of": RULED_NAME
        | {"description": "of a property: the name of its event, or the id of its product"},
    },
    required=["kind", "name"],
)

_KINDS: dict[type, str] = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    type(None): "null",
}
_SHOWN_LENGTH = 60


def validate(body: Any, schema: Schema) -> JsonObject:
    """Refuse a body that the route does not take.

    Raises:
        InvalidRequest: with a pointer to the place, what was found and what was expected.
    """
    validator = Draft202012Validator(schema, format_checker=_formats)
    error = best_match(validator.iter_errors(body))
    if error is not None:
        raise _explain(error)
    valid: JsonObject = body
    return valid


_formats = FormatChecker(formats=())


@_formats.checks("code")
def _is_no_oversize(found: object) -> bool:
    # `maxLength` counts characters; what is stored and compiled are bytes.
    return not (isinstance(found, str) and describe_oversize(found))


def _explain(error: ValidationError) -> InvalidRequest:
    rule: Any = error.validator_value
    schema: Any = error.schema
    found: Any = error.instance
    path = [str(part) for part in error.absolute_path]
    place = f"`{'.'.join(path)}`" if path else "The body"
    match error.validator:
        case "required":
            missing = next(name for name in rule if name not in found)
            return InvalidRequest(
                f"`{'.'.join([*path, missing])}` is missing.",
                hint=_known(schema["properties"]),
                pointer=_pointer([*path, missing]),
            )
        case "additionalProperties":
            known = schema["properties"]
            odd = next(name for name in found if name not in known)
            return InvalidRequest(
                f"`{'.'.join([*path, odd])}` is not known here.",
                hint=nearest(odd, known),
                pointer=_pointer([*path, odd]),
            )
        case "type":
            kinds = [rule] if isinstance(rule, str) else rule
            expected = " or ".join(_article(kind) for kind in kinds)
            message = f"{place} is {_KINDS[type(found)]}; {expected} was expected."
        case "enum":
            expected = ", ".join(str(value) for value in rule)
            message = f"{place} is {_shown(found)}; one of {expected} was expected."
        case "pattern" if schema.get("writeOnly"):
            message = f"{place} must match {rule}."
        case "pattern":
            message = f"{place} is {_shown(found)}; it must match {rule}."
        case "minLength" | "minItems" | "minProperties":
            message = f"{place} is empty."
        case "maxLength" | "maxItems":
            message = f"{place} has a length of {len(found)}; at most {rule} is taken."
        case "format":
            return InvalidRequest(
                f"{place} is {describe_oversize(found)}.",
                hint="Keep only the functions that are used of what was pasted.",
                pointer=_pointer(path),
            )
        case _:
            message = f"{place}: {error.message}."
    return InvalidRequest(message, hint=_SCHEMA_HINT, pointer=_pointer(path))


_SCHEMA_HINT = "GET /api/openapi.json has the schema of every body."


def nearest(odd: str, known: Iterable[str]) -> str:
    """Hint at what a caller may have meant by a name that is not known."""
    names = list(known)
    close = get_close_matches(odd, names, n=1)
    meant = f"Did you mean `{close[0]}`? " if close else ""
    return meant + _known(names)


def _known(names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return f"Known are: {listed}." if listed else "None are taken here."


def _article(kind: str) -> str:
    if kind == "null":
        return kind
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_LENGTH else text[:_SHOWN_LENGTH] + "…"


def _pointer(path: list[str]) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)
