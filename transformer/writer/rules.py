"""Brings the objects of Track users under their workspace's rules (braze.md §2.1), before they are read.

What is blocked is left out, what is forced is given its type or left out, and each loss is told. So
whoever reads, forwards or shows an object after this needs to know of no rule.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

import orjson

from transformer.delivery import Problem
from transformer.operation import JsonObject, Kind
from transformer.rules import ForcedType, Rules
from transformer.writer.arrays import Asked, asked_of
from transformer.writer.identity import shown
from transformer.writer.pointers import pointer_to
from transformer.writer.times import read_time
from transformer.writer.values import number_of

_UNBLOCK = "GET /api/blocked-names lists what is blocked; DELETE takes it in again."


class Ruled(NamedTuple):
    """What the rules leave of an object.

    Args:
        described: the object.
        warnings: what was left out, and why.
        texts: its attributes whose texts are no times, because they are forced to be strings.
    """

    described: JsonObject
    warnings: Sequence[Problem] = ()
    texts: Collection[str] = ()


def under_rules(
    rules: Rules, kind: Kind, described: JsonObject, *, pointer: str
) -> Ruled | Problem:
    """Bring an object under the rules; a problem says why nothing of it is taken in."""
    match kind:
        case Kind.ATTRIBUTES:
            return _attributes(rules, described, pointer)
        case Kind.EVENT:
            return _happened(rules, _EVENTS, described, pointer)
        case Kind.PURCHASE:
            return _happened(rules, _PURCHASES, described, pointer)
        case _:
            return Ruled(described)


def _attributes(rules: Rules, described: JsonObject, pointer: str) -> Ruled:
    kept: JsonObject = {}
    warnings: list[Problem] = []
    texts: set[str] = set()
    for name, value in described.items():
        meant = name.strip()
        if meant in rules.attributes:
            warnings.append(_blocked("attribute", meant, pointer_to(pointer, name)))
            continue
        forced = rules.types.get(meant)
        if forced is None or value is None:
            kept[name] = value
            continue
        coerced = coerced_to(forced, value)
        if coerced is None:
            warnings.append(_unfit(meant, forced, value, pointer_to(pointer, name)))
            continue
        kept[name] = coerced
        if forced is ForcedType.STRING:
            texts.add(meant)
    return Ruled(kept, warnings, texts)


class _Happening(NamedTuple):
    what: str
    key: str
    names: Callable[[Rules], frozenset[str]]
    properties: Callable[[Rules], Mapping[str, frozenset[str]]]


_EVENTS = _Happening("event", "name", attrgetter("events"), attrgetter("event_properties"))
_PURCHASES = _Happening(
    "product", "product_id", attrgetter("products"), attrgetter("product_properties")
)


def _happened(
    rules: Rules, kind: _Happening, described: JsonObject, pointer: str
) -> Ruled | Problem:
    name = described.get(kind.key)
    if not isinstance(name, str):
        return Ruled(described)
    if name in kind.names(rules):
        return _blocked(kind.what, name, f"{pointer}/{kind.key}")
    blocked = kind.properties(rules).get(name)
    properties = described.get("properties")
    if blocked is None or not isinstance(properties, dict) or blocked.isdisjoint(properties):
        return Ruled(described)
    left = {one: held for one, held in properties.items() if one not in blocked}
    what = f"property of the {kind.what} {shown(name)}"
    place = f"{pointer}/properties"
    warnings = [_blocked(what, one, pointer_to(place, one)) for one in properties if one in blocked]
    return Ruled(described | {"properties": left}, warnings)


def coerced_to(forced: ForcedType, value: Any) -> Any:  # noqa: C901, PLR0911 - a table
    """Give a value in a type; None if it has no such form.

    A change of what is held (``inc``, ``add``, ``$add`` …) stays one, where it is one of the type.
    """
    if type(value) is dict:
        return _object_as(forced, value)
    match forced, value:
        case ForcedType.STRING, str():
            return value
        case ForcedType.STRING, bool() | int() | float():
            return orjson.dumps(value).decode()
        case ForcedType.NUMBER, bool():
            return None
        case ForcedType.NUMBER, int() | float():
            return value
        case ForcedType.NUMBER, str():
            return number_of(value)
        case ForcedType.BOOLEAN, bool():
            return value
        case ForcedType.BOOLEAN, 0 | 1:
            return value == 1
        case ForcedType.BOOLEAN, str():
            return _TRUTHS.get(value.lower())
        case ForcedType.TIME, str():
            return read_time(value)
        case ForcedType.ARRAY, list():
            return value
        case _:
            return None


_TRUTHS = {"1": True, "true": True, "t": True, "0": False, "false": False, "f": False}


def _object_as(forced: ForcedType, value: JsonObject) -> Any:
    match asked_of(value), forced:
        case Asked.INCREMENT, ForcedType.NUMBER:
            return value
        case ((Asked.SCALARS | Asked.OBJECTS), ForcedType.ARRAY):
            return value
        case None, ForcedType.TIME if value.keys() == {"$time"}:
            return read_time(value["$time"])
        case None, ForcedType.OBJECT if value.keys() != {"$time"}:
            return value
        case _:
            return None


_EXPECTED = {
    ForcedType.STRING: "a string",
    ForcedType.NUMBER: "a number",
    ForcedType.BOOLEAN: "true or false",
    ForcedType.TIME: "an ISO 8601 time",
    ForcedType.ARRAY: "an array",
    ForcedType.OBJECT: "an object",
}
_HINTS = {
    ForcedType.STRING: "Join what is in an array, or take one field of an object.",
    ForcedType.NUMBER: "Take out of the text what is no digit, and write Number(…) around it.",
    ForcedType.BOOLEAN: "1, true and t are true, 0, false and f are false, in any case.",
    ForcedType.TIME: "Seconds since 1970 need new Date(1000 * …).",
    ForcedType.ARRAY: "Write [ ] around it, or {add: [ ]} to keep what is there.",
    ForcedType.OBJECT: "Set the keys of an object, with _merge_objects to keep those that are there.",
}


def _unfit(name: str, forced: ForcedType, value: Any, pointer: str) -> Problem:
    return Problem(
        "unfit_type",
        f"{shown(value)} was found; {_EXPECTED[forced]} was expected, as the type of {shown(name)} "
        "is forced here.",
        hint=f"{_HINTS[forced]} Or force another type: PUT /api/attribute-types.",
        pointer=pointer,
    )


def _blocked(what: str, name: str, pointer: str) -> Problem:
    return Problem(
        "blocked_name",
        f"{shown(name)} is blocked as {'an' if what[0] in 'ae' else 'a'} {what}: nothing of it is "
        "taken in.",
        hint=_UNBLOCK,
        pointer=pointer,
    )
