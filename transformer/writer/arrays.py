"""How a change goes into what an attribute holds: numbers, objects, arrays (braze.md §2.1).

Pure functions on JSON values; none changes what it is given.
"""

from enum import Enum, auto
from typing import Any

from transformer.operation import JsonObject
from transformer.writer.values import (
    MAX_ARRAY_LENGTH,
    Fault,
    are_objects,
    cut,
    each,
    key_of,
    nested,
    scalars,
    unique,
    within_size,
)

UNCHANGED = object()
"""What a change gives that has nothing to do, unlike None, which removes."""

_INTEGERS = range(-(2**63), 2**63)
_SCALAR_KEYS = frozenset({"add", "remove"})
_OBJECT_KEYS = frozenset({"$add", "$remove", "$update"})


class Asked(Enum):
    """What an object as a value asks for, where it is not to be kept itself."""

    INCREMENT = auto()
    SCALARS = auto()
    OBJECTS = auto()


def asked_of(value: JsonObject) -> Asked | None:
    """Say which change of what is held an object asks for; None where it is a value."""
    names = value.keys()
    if names == {"inc"}:
        return Asked.INCREMENT
    if names and names <= _SCALAR_KEYS and all(isinstance(one, list) for one in value.values()):
        return Asked.SCALARS
    if names and names <= _OBJECT_KEYS:
        return Asked.OBJECTS
    return None


def incremented(held: Any, by: Any) -> int | float | Fault:
    """Add to a number; an attribute that is not there counts as 0."""
    if isinstance(by, float) and by.is_integer():
        by = int(by)
    if not isinstance(by, int) or isinstance(by, bool):
        return Fault(
            "invalid_increment",
            f'{{"inc": {by!r:.80}}} was found; a whole number was expected.',
            rejects=True,
            hint="If the number is text in the payload, write Number(…) around it.",
            steps=("inc",),
        )
    if held is None:
        held = 0
    if not isinstance(held, int | float) or isinstance(held, bool):
        return Fault(
            "invalid_increment",
            f"The attribute holds {held!r:.80}; only a number can be incremented.",
            rejects=True,
            hint="Set the attribute to a number first, or use another name for the counter.",
        )
    total = held + by
    if isinstance(total, int) and total not in _INTEGERS:
        return Fault("invalid_increment", f"{held} + {by} is beyond 64 bits.", rejects=True)
    return total


def merged(held: Any, given: JsonObject) -> JsonObject:
    """Merge an object into what is held, level by level; anything but an object is replaced."""
    if not isinstance(held, dict):
        return given
    return held | {
        name: merged(held.get(name), value) if isinstance(value, dict) else value
        for name, value in given.items()
    }


def with_elements(held: Any, *, add: list[Any], remove: list[Any]) -> Any | Fault:
    """Add scalars to an array, then remove some; the oldest go where it grows too long.

    A scalar that is added again moves to the end. Nothing is :data:`UNCHANGED` by removing from it.
    """
    elements = [] if held is None else held
    if not isinstance(elements, list) or any(isinstance(one, dict | list) for one in elements):
        return _fault(f"The attribute holds {held!r:.80}; add and remove need an array of scalars.")
    added = scalars(add)
    if isinstance(added, Fault):
        return added.inside("add")
    removed = unique(remove)
    if isinstance(removed, Fault):
        return removed.inside("remove")
    if held is None and not added:
        return UNCHANGED
    again = {key_of(element) for element in added}
    gone = {key_of(element) for element in removed}
    kept = [element for element in elements if key_of(element) not in again] + added
    return within_size(
        [element for element in kept if key_of(element) not in gone][-MAX_ARRAY_LENGTH:]
    )


def with_objects(  # noqa: PLR0911 - one a fault
    held: Any, steps: JsonObject, *, merge: bool, adding: bool = True
) -> Any | Fault:
    """Change an array of objects: ``$add``, then ``$remove``, then ``$update``.

    Args:
        held: what the attribute holds.
        steps: an object with some of the three keys.
        merge: whether ``$new_object`` is merged into what it updates, instead of replacing it.
        adding: False where ``$add`` was applied before.
    """
    fault = _fault_of(held, steps)
    if fault is not None:
        return fault
    if held is None and "$add" not in steps:
        return UNCHANGED
    added = each(steps.get("$add", []) if adding else [])
    if isinstance(added, Fault):
        return added.inside("$add")
    if not are_objects(added):
        return _fault("$add holds a time; objects were expected.", "$add")
    elements: list[JsonObject] = [*(held or []), *added]
    for step in steps.get("$remove", []):
        elements = [element for element in elements if not _is_meant(element, step)]
    for index, step in enumerate(steps.get("$update", [])):
        new = nested(step["$new_object"])
        if isinstance(new, Fault):
            return new.inside("$update", index, "$new_object")
        if not isinstance(new, dict):
            return _fault("$new_object is a time; an object was expected.", "$update", index)
        elements = [
            (merged(element, new) if merge else new) if _is_meant(element, step) else element
            for element in elements
        ]
    return within_size(elements)


def _fault_of(held: Any, steps: JsonObject) -> Fault | None:
    if held is not None and not are_objects(held):
        return _fault(f"The attribute holds {held!r:.80}; an array of objects is needed.")
    for name, asked in steps.items():
        if not are_objects(asked):
            return _fault(f"{name} is {asked!r:.80}; an array of objects was expected.", name)
        for index, step in enumerate(asked):
            if name != "$add" and not _names_elements(step):
                return _fault(f"{name} needs $identifier_key and $identifier_value.", name, index)
            if name == "$update" and not isinstance(step.get("$new_object"), dict):
                return _fault("$update needs $new_object, an object.", name, index)
    return None


def _names_elements(step: JsonObject) -> bool:
    return isinstance(step.get("$identifier_key"), str) and "$identifier_value" in step


def _is_meant(element: JsonObject, step: JsonObject) -> bool:
    name = step["$identifier_key"]
    wanted = cut(step["$identifier_value"])
    if name not in element:
        return False
    held = element[name]
    return bool(held == wanted) and isinstance(held, bool) == isinstance(wanted, bool)


def _fault(message: str, *steps: str | int) -> Fault:
    return Fault("invalid_array_operation", message, rejects=True, steps=steps)
