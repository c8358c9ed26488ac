"""What a custom attribute can hold, and how a change merges into it (braze.md §2.1).

Pure functions on JSON values; none changes what it is given. What Braze would drop without a word
is told as a :class:`Fault`.
"""

import math
from dataclasses import dataclass
from typing import Any

import orjson

from transformer.operation import JsonObject
from transformer.writer.times import read_time

MAX_TEXT_LENGTH = 255
MAX_ARRAY_LENGTH = 500
MAX_DOCUMENT_BYTES = 100 * 1024
_INTEGERS = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value cannot be stored.

    Args:
        code: for the problem that the delivery log shows.
        message: what was found and what was expected.
        rejects: whether the whole object is refused, instead of this value alone.
    """

    code: str
    message: str
    rejects: bool = False
    hint: str = ""


def read_value(value: Any) -> Any | Fault:
    """Give a value as a custom attribute keeps it: times in one form, arrays without repeats."""
    match value:
        case str():
            return value[:MAX_TEXT_LENGTH]
        case bool() | int() | float():
            return value
        case dict():
            return within_size(_nested(value))
        case list() if value and _are_objects(value):
            return within_size(_each(value))
        case list():
            return within_size(_scalars(value))
        case _:
            return Fault("invalid_value", f"{type(value).__name__} is no value of an attribute.")


def long_text(value: Any) -> Fault | None:
    """Say that a string is cut, where it is."""
    if type(value) is not str or len(value) <= MAX_TEXT_LENGTH:
        return None
    return Fault(
        "text_too_long",
        f"The string has {len(value)} characters; the first {MAX_TEXT_LENGTH} are kept.",
    )


def merged(held: Any, given: JsonObject) -> JsonObject:
    """Merge an object into what is held, level by level; anything but an object is replaced."""
    if not isinstance(held, dict):
        return given
    return held | {
        name: merged(held.get(name), value) if isinstance(value, dict) else value
        for name, value in given.items()
    }


def incremented(held: Any, by: Any) -> int | float | Fault:
    """Add to a number; an attribute that is not there counts as 0."""
    if not isinstance(by, int) or isinstance(by, bool):
        return Fault(
            "invalid_increment",
            f'{{"inc": {by!r}}} was found; a whole number was expected.',
            rejects=True,
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


def with_elements(held: Any, *, add: list[Any], remove: list[Any]) -> list[Any] | Fault:
    """Add scalars to an array, then remove some; the oldest go where it grows too long.

    A scalar that is added again moves to the end.
    """
    if held is None:
        held = []
    if not isinstance(held, list) or any(isinstance(element, dict) for element in held):
        return Fault(
            "invalid_array_operation",
            f"The attribute holds {held!r:.80}; add and remove need an array of scalars.",
            rejects=True,
        )
    added = _scalars(add)
    if isinstance(added, Fault):
        return added
    again = {_key(element) for element in added}
    gone = {_key(_cut(element)) for element in remove if not isinstance(element, dict | list)}
    kept = [element for element in held if _key(element) not in again] + added
    return within_size(
        [element for element in kept if _key(element) not in gone][-MAX_ARRAY_LENGTH:]
    )


def with_objects(
    held: Any, operations: JsonObject, *, merge: bool, adding: bool = True
) -> list[JsonObject] | Fault:
    """Change an array of objects: ``$add``, then ``$remove``, then ``$update``.

    Args:
        held: what the attribute holds.
        operations: an object with some of the three keys.
        merge: whether ``$new_object`` is merged into what it updates, instead of replacing it.
        adding: False where ``$add`` was applied before.
    """
    fault = _operations_fault(held, operations)
    if fault is not None:
        return fault
    added = _each(operations.get("$add", []) if adding else [])
    if isinstance(added, Fault):
        return added
    elements: list[JsonObject] = [*(held or []), *added]
    for step in operations.get("$remove", []):
        elements = [element for element in elements if not _is_meant(element, step)]
    for step in operations.get("$update", []):
        new = _object(step["$new_object"])
        if isinstance(new, Fault):
            return new
        elements = [
            (merged(element, new) if merge else new) if _is_meant(element, step) else element
            for element in elements
        ]
    return within_size(elements)


def _operations_fault(held: Any, operations: JsonObject) -> Fault | None:
    if held is not None and not _are_objects(held):
        return _array_fault(f"The attribute holds {held!r:.80}; an array of objects is needed.")
    for name, steps in operations.items():
        if not _are_objects(steps):
            return _array_fault(f"{name} is {steps!r:.80}; an array of objects was expected.")
        for step in steps:
            if name != "$add" and not _names_elements(step):
                return _array_fault(f"{name} needs $identifier_key and $identifier_value.")
            if name == "$update" and not isinstance(step.get("$new_object"), dict):
                return _array_fault("$update needs $new_object, an object.")
    return None


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(element, dict) for element in value)


def within_size(value: Any | Fault) -> Any | Fault:
    """Refuse a document of more than 100 KB."""
    if isinstance(value, Fault):
        return value
    size = len(orjson.dumps(value))
    if size > MAX_DOCUMENT_BYTES:
        return Fault(
            "value_too_large",
            f"The value has {size} bytes as JSON; at most {MAX_DOCUMENT_BYTES} can be kept.",
        )
    return value


def _object(given: JsonObject) -> JsonObject | Fault:
    kept: JsonObject = {}
    for name, value in given.items():
        if not name or len(name) > MAX_TEXT_LENGTH or any(mark in name for mark in " .$"):
            return Fault(
                "invalid_key",
                f"The key {name!r:.80} is inside an object; 1 to {MAX_TEXT_LENGTH} characters "
                "without space, dot and dollar sign were expected.",
            )
        held = _nested(value)
        if isinstance(held, Fault):
            return held
        kept[name] = held
    return kept


def _nested(value: Any) -> Any | Fault:  # noqa: PLR0911 - one a kind of value
    match value:
        case str():
            return value[:MAX_TEXT_LENGTH]
        case bool() | int():
            return value
        case float() if math.isfinite(value):
            return value
        case {"$time": text, **others} if not others:
            return read_time(text) or Fault(
                "invalid_time", f"$time is {text!r:.80}; an ISO 8601 time was expected."
            )
        case dict():
            return _object(value)
        case list():
            return _each(value)
        case _:
            return Fault(
                "invalid_nested_value",
                f"{value!r:.80} is inside an object or array; a null there drops the attribute.",
                hint="Leave the key out, or set the whole attribute to null to remove it.",
            )


def _each(elements: list[Any]) -> list[Any] | Fault:
    kept = []
    for element in elements:
        if isinstance(element, list):
            return _nested_array_fault()
        held = _nested(element)
        if isinstance(held, Fault):
            return held
        kept.append(held)
    return kept


def _scalars(elements: list[Any]) -> list[Any] | Fault:
    kept: dict[tuple[bool, Any], Any] = {}
    for element in elements:
        match element:
            case str() | bool() | int() | float():
                kept.setdefault(_key(_cut(element)), _cut(element))
            case list():
                return _nested_array_fault()
            case _:
                return Fault(
                    "invalid_element",
                    f"{element!r:.80} is in an array; scalars alone or objects alone were "
                    "expected.",
                )
    return list(kept.values())[-MAX_ARRAY_LENGTH:]


def _nested_array_fault() -> Fault:
    return Fault("invalid_element", "An array stands in an array; Braze keeps one level only.")


def _cut(scalar: Any) -> Any:
    return scalar[:MAX_TEXT_LENGTH] if isinstance(scalar, str) else scalar


def _key(scalar: Any) -> tuple[bool, Any]:
    # True == 1 in Python; in JSON they are two values.
    return isinstance(scalar, bool), scalar


def _names_elements(step: JsonObject) -> bool:
    return isinstance(step.get("$identifier_key"), str) and "$identifier_value" in step


def _is_meant(element: JsonObject, step: JsonObject) -> bool:
    name = step["$identifier_key"]
    wanted = step["$identifier_value"]
    if name not in element:
        return False
    held = element[name]
    return bool(held == wanted) and isinstance(held, bool) == isinstance(wanted, bool)


def _array_fault(message: str) -> Fault:
    return Fault("invalid_array_operation", message, rejects=True)
