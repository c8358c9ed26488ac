"""What the properties of events and purchases may hold (braze.md §2.1).

No profile keeps them, the delivery log does, whole. What a receiver of Braze's kind would refuse is
an error of the object; what it would drop or cut is told.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from transformer.delivery import Problem
from transformer.operation import JsonObject
from transformer.writer.identity import shown
from transformer.writer.pointers import pointer_to
from transformer.writer.times import is_time
from transformer.writer.values import MAX_TEXT_LENGTH, Step

MAX_PROPERTIES = 256


def read_properties(
    described: JsonObject, *, reserved: frozenset[str], max_bytes: int, pointer: str
) -> list[Problem] | Problem:
    """Check an object's properties: give the warnings, or why the object is rejected.

    Args:
        described: the events or purchases object.
        reserved: names that no property may have.
        max_bytes: of all properties as JSON, where one of them is an array or an object.
        pointer: where the object stands in its delivery.
    """
    properties = described.get("properties")
    if properties is None:
        return []
    place = f"{pointer}/properties"
    if type(properties) is not dict:
        return Problem(
            "invalid_properties",
            f"Invalid 'properties' field: {shown(properties)} was found; an object was expected.",
            pointer=place,
        )
    if not reserved.isdisjoint(properties):
        met = sorted(reserved.intersection(properties))
        return Problem(
            "invalid_properties",
            f"Invalid 'properties' field: {', '.join(met)} cannot be the name of a property.",
            hint="Choose another name for the property.",
            pointer=pointer_to(place, met[0]),
        )
    return _find_lost(properties, max_bytes, place)


def _find_lost(properties: JsonObject, max_bytes: int, place: str) -> list[Problem]:
    lost = []
    holds_containers = False
    for name, value in properties.items():
        kind = type(value)
        if kind is str:
            if len(value) > MAX_TEXT_LENGTH:
                lost.append(_too_long(value, pointer_to(place, name)))
        elif kind is dict or kind is list:
            holds_containers = True
            lost += _within(value, place, (name,))
        if not name or name[0] == "$" or len(name) > MAX_TEXT_LENGTH:
            lost.append(_no_name(name, pointer_to(place, name)))
    if len(properties) > MAX_PROPERTIES:
        lost.append(_too_many(properties, place))
    if holds_containers and len(orjson.dumps(properties)) > max_bytes:
        lost.append(_too_large(properties, max_bytes, place))
    return lost


def _within(value: Any, place: str, steps: tuple[Step, ...]) -> Iterator[Problem]:
    in_array = type(value) is list
    for step, inner in enumerate(value) if in_array else value.items():
        kind = type(inner)
        here = (*steps, step)
        if kind is str:
            if len(inner) > MAX_TEXT_LENGTH:
                yield _too_long(inner, pointer_to(place, *here))
            elif in_array and is_time(inner):
                yield _time_in_array(inner, pointer_to(place, *here))
        elif kind is dict or kind is list:
            yield from _within(inner, place, here)


def _too_long(value: str, pointer: str) -> Problem:
    return Problem(
        "text_too_long",
        f"The string has {len(value)} characters; {MAX_TEXT_LENGTH} were expected at most.",
        hint=f"Shorten it, for example with .slice(0, {MAX_TEXT_LENGTH}).",
        pointer=pointer,
    )


def _no_name(name: str, pointer: str) -> Problem:
    return Problem(
        "invalid_property_name",
        f"The property {shown(name)} is dropped: a name has 1 to {MAX_TEXT_LENGTH} characters "
        "and does not begin with a dollar sign.",
        pointer=pointer,
    )


def _too_many(properties: JsonObject, pointer: str) -> Problem:
    return Problem(
        "too_many_properties",
        f"There are {len(properties)} properties; the first {MAX_PROPERTIES} are kept.",
        pointer=pointer,
    )


def _too_large(properties: JsonObject, max_bytes: int, pointer: str) -> Problem:
    return Problem(
        "properties_too_large",
        f"The properties have {len(orjson.dumps(properties))} bytes as JSON; with an array or an "
        f"object among them {max_bytes} were expected at most.",
        hint="Give the fields that are needed instead of the payload's whole object.",
        pointer=pointer,
    )


def _time_in_array(value: str, pointer: str) -> Problem:
    return Problem(
        "dropped_value",
        f"{shown(value)} is a time in an array; properties keep no times there.",
        hint="Put it into an object, or into a property of its own.",
        pointer=pointer,
    )
