"""Finds values that Braze takes without an error and then drops, cuts or ignores.

They fail nothing: a transformation that returns them works, with a warning. What does fail stands
in the schemas. Everything here runs for every event, so it walks an object once.
"""

from collections.abc import Iterable, Iterator
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
_DELETE_FIELDS = frozenset({"id"})
_LIST_CHANGES = frozenset({"$add", "$remove", "$update"})
_LIST_CHANGE_KEYS = frozenset({"$identifier_key", "$identifier_value", "$new_object"})
_RESERVED_OBJECTS = frozenset(
    {"current_location", "facebook", "twitter", "subscription_groups", "push_tokens"}
)


def find_dropped(kind: Kind, described: JsonObject, steps: tuple[Step, ...]) -> Iterable[Problem]:
    """Warn of each value of a valid object that would be lost.

    Args:
        kind: what the object changes.
        described: the object, as the code returned it.
        steps: where it stands in the output.
    """
    match kind:
        case Kind.ATTRIBUTES:
            return _attributes(described, steps)
        case Kind.EVENT:
            return _fields(described, _EVENT_FIELDS, steps)
        case Kind.PURCHASE:
            return _fields(described, _PURCHASE_FIELDS, steps)
        case Kind.CATALOG_DELETE:
            return _unknown(described, _DELETE_FIELDS, steps)
        case Kind.CATALOG_CREATE | Kind.CATALOG_PUT | Kind.CATALOG_PATCH:
            # An item is refused or taken as a whole: the schema and the catalog's fields say which.
            return ()
        case (
            Kind.ALIAS_NEW
            | Kind.ALIAS_UPDATE
            | Kind.IDENTIFY
            | Kind.MERGE
            | Kind.RENAME
            | Kind.REMOVE
            | Kind.DELETE
        ):
            # Code returns none of them: they come from the REST API, which knows their keys.
            return ()


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
            if _is_too_large(value):
                yield _too_large(value, here)
            yield from _nested(value, here)


def _nested(value: Any, steps: tuple[Step, ...]) -> Iterator[Problem]:
    each: Iterable[tuple[Step, Any]] = value.items() if type(value) is dict else enumerate(value)
    for step, held in each:
        if type(step) is str:
            if step == "$time":
                if type(held) is not str:
                    yield _warning((*steps, step), "is no time, so the whole attribute is dropped")
                continue
            if _is_bad_key(step):
                yield _warning(
                    (*steps, step),
                    "has a key that is dropped",
                    hint="Keys inside objects hold no space, no . and no $, and at most 255 "
                    "characters.",
                )
        kind = type(held)
        if kind is str:
            if len(held) > _MOST_CHARACTERS:
                yield _too_long(held, (*steps, step))
        elif held is None:
            yield _warning(
                (*steps, step), "is null inside an object, so the whole attribute is dropped"
            )
        elif kind is dict or kind is list:
            yield from _nested(held, (*steps, step))


def _is_bad_key(key: str) -> bool:
    return (
        len(key) > _MOST_CHARACTERS
        or " " in key
        or "." in key
        or ("$" in key and key not in _LIST_CHANGES and key not in _LIST_CHANGE_KEYS)
    )


def _fields(
    described: JsonObject, known: frozenset[str], steps: tuple[Step, ...]
) -> Iterator[Problem]:
    if not described.keys() <= known:
        yield from _unknown(described, known, steps)
    if properties := described.get("properties"):
        yield from _properties(properties, (*steps, "properties"))


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
    if holds_containers and _is_too_large(properties):
        yield _too_large(properties, steps)


def _unknown(
    described: JsonObject, known: frozenset[str], steps: tuple[Step, ...]
) -> Iterator[Problem]:
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


def _is_too_large(value: Any) -> bool:
    return len(orjson.dumps(value)) > _MOST_BYTES


def _too_large(value: Any, steps: tuple[Step, ...]) -> Problem:
    size = len(orjson.dumps(value))
    return _warning(steps, f"is {size} bytes of JSON; what is over {_MOST_BYTES} is dropped")


def _warning(steps: tuple[Step, ...], said: str, *, hint: str = "") -> Problem:
    return Problem(
        code=CODE, message=f"{expression_of(steps)} {said}.", hint=hint, pointer=pointer_to(steps)
    )
