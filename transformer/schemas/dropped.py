"""Finds values that Braze takes without an error and then drops, cuts or ignores.

They fail nothing: a transformation that returns them works, with a warning. What does fail stands
in the schemas. Everything here runs for every event, so it walks an object once.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from transformer.delivery import Problem
from transformer.operation import JsonObject, Kind
from transformer.schemas.explanation import Step, expression_of, pointer_to

CODE = "dropped_value"

_MOST_CHARACTERS = 255
_MOST_BYTES = 100 * 1024
_MOST_PROPERTIES = 256

# Their own rules hold for these, and the schema has checked them.
_IDENTIFIERS = frozenset({"external_id", "user_alias", "braze_id", "email", "phone"})
_EVENT_FIELDS = _IDENTIFIERS | {"_update_existing_only", "app_id", "name", "time", "properties"}
_PURCHASE_FIELDS = (_EVENT_FIELDS - {"name"}) | {"product_id", "currency", "price", "quantity"}
_LIST_CHANGES = frozenset({"$add", "$remove", "$update"})
_LIST_CHANGE_KEYS = frozenset({"$identifier_key", "$identifier_value", "$new_object"})
_RESERVED_OBJECTS = frozenset(
    {"current_location", "facebook", "twitter", "subscription_groups", "push_tokens"}
)


def find_dropped(kind: Kind, described: JsonObject, steps: tuple[Step, ...]) -> Iterator[Problem]:
    """Warn of each value of a valid object that would be lost.

    Args:
        kind: what the object changes.
        described: the object, as the code returned it.
        steps: where it stands in the output.
    """
    match kind:
        case Kind.ATTRIBUTES:
            yield from _attributes(described, steps)
        case Kind.EVENT:
            yield from _unknown(described, _EVENT_FIELDS, steps)
            if properties := described.get("properties"):
                yield from _properties(properties, (*steps, "properties"))
        case Kind.PURCHASE:
            yield from _unknown(described, _PURCHASE_FIELDS, steps)
            if properties := described.get("properties"):
                yield from _properties(properties, (*steps, "properties"))
        case Kind.CATALOG_DELETE:
            yield from _unknown(described, frozenset({"id"}), steps)
        case Kind.CATALOG_PUT | Kind.CATALOG_PATCH:
            # An item is refused or taken as a whole: the schema and the catalog's fields say which.
            return


def _attributes(described: JsonObject, steps: tuple[Step, ...]) -> Iterator[Problem]:
    for name, value in described.items():
        kind = type(value)
        if kind is str:
            if len(value) > _MOST_CHARACTERS and name not in _IDENTIFIERS:
                yield _too_long(value, (*steps, name))
        elif (
            (kind is dict or kind is list)
            and name not in _IDENTIFIERS
            and name not in _RESERVED_OBJECTS
        ):
            here = (*steps, name)
            yield from _too_large(value, here)
            yield from _nested(value, here)


def _nested(value: Any, steps: tuple[Step, ...]) -> Iterator[Problem]:
    if isinstance(value, dict):
        for key, held in value.items():
            if key == "$time":
                if type(held) is not str:
                    yield _warning((*steps, key), "is no time, so the whole attribute is dropped")
                continue
            if key not in _LIST_CHANGES and key not in _LIST_CHANGE_KEYS:
                yield from _bad_key(key, (*steps, key))
            yield from _nested_value(held, (*steps, key))
    elif isinstance(value, list):
        for index, held in enumerate(value):
            yield from _nested_value(held, (*steps, index))


def _nested_value(held: Any, steps: tuple[Step, ...]) -> Iterator[Problem]:
    kind = type(held)
    if kind is str:
        if len(held) > _MOST_CHARACTERS:
            yield _too_long(held, steps)
    elif held is None:
        yield _warning(steps, "is null inside an object, so the whole attribute is dropped")
    elif kind is dict or kind is list:
        yield from _nested(held, steps)


def _bad_key(key: str, steps: tuple[Step, ...]) -> Iterator[Problem]:
    if len(key) > _MOST_CHARACTERS or " " in key or "." in key or "$" in key:
        yield _warning(
            steps,
            "has a key that is dropped",
            hint="Keys inside objects hold no space, no . and no $, and at most 255 characters.",
        )


def _properties(properties: JsonObject, steps: tuple[Step, ...]) -> Iterator[Problem]:
    if len(properties) > _MOST_PROPERTIES:
        yield _warning(steps, f"has {len(properties)} properties; only {_MOST_PROPERTIES} are kept")
    holds_containers = False
    for name, value in properties.items():
        kind = type(value)
        if kind is str:
            if len(value) > _MOST_CHARACTERS:
                yield _too_long(value, (*steps, name))
        elif kind is dict or kind is list:
            holds_containers = True
        if not name or name[0] == "$" or len(name) > _MOST_CHARACTERS:
            yield _warning(
                (*steps, name),
                "has a name that is dropped",
                hint="Names of properties are 1 to 255 characters and do not begin with $.",
            )
    if holds_containers:
        yield from _too_large(properties, steps)


def _unknown(
    described: JsonObject, known: frozenset[str], steps: tuple[Step, ...]
) -> Iterator[Problem]:
    if described.keys() <= known:
        return
    for name in described:
        if name not in known:
            yield _warning(
                (*steps, name),
                "is ignored: it is no field of this object",
                hint="Put further details of an event or a purchase into properties."
                if "properties" in known
                else "Only the id counts.",
            )


def _too_long(value: str, steps: tuple[Step, ...]) -> Problem:
    return _warning(
        steps,
        f"is {len(value)} characters long; only {_MOST_CHARACTERS} are stored",
        hint=f"Shorten it, for example with .slice(0, {_MOST_CHARACTERS}).",
    )


def _too_large(value: Any, steps: tuple[Step, ...]) -> Iterator[Problem]:
    size = len(orjson.dumps(value))
    if size > _MOST_BYTES:
        yield _warning(steps, f"is {size} bytes of JSON; what is over {_MOST_BYTES} is dropped")


def _warning(steps: tuple[Step, ...], said: str, *, hint: str = "") -> Problem:
    return Problem(
        code=CODE, message=f"{expression_of(steps)} {said}.", hint=hint, pointer=pointer_to(steps)
    )
