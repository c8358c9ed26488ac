"""What a custom attribute can hold (braze.md §2.1, *attributes object*, *nested objects*).

Pure functions on JSON values; none changes what it is given. What Braze would drop without a word
is told as a :class:`Fault`. How a change goes into what is held stands in ``arrays.py``.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import orjson

from transformer.operation import JsonObject
from transformer.writer.times import read_time, time_or_text

MAX_TEXT_LENGTH = 255
MAX_ARRAY_LENGTH = 500
MAX_DOCUMENT_BYTES = 100 * 1024
MAX_NESTING = 50

Step: TypeAlias = str | int


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value cannot be stored, or what of it is lost.

    Args:
        code: for the problem that the delivery log shows.
        message: what was found and what was expected.
        rejects: whether the whole object is refused, instead of this value alone.
        steps: where inside the value.
    """

    code: str
    message: str
    rejects: bool = False
    hint: str = ""
    steps: tuple[Step, ...] = ()

    def inside(self, *steps: Step) -> "Fault":
        """Give the same fault as seen from further outside."""
        return replace(self, steps=(*steps, *self.steps))


Kept: TypeAlias = tuple[Any, tuple[Fault, ...]]
"""A value as it is kept, and what was lost of it on the way."""


def read_value(value: Any) -> Any | Fault:  # noqa: PLR0911 - one a kind
    """Give a value as a custom attribute keeps it: times in one form, arrays without repeats."""
    match value:
        case str():
            return time_or_text(value) if len(value) <= MAX_TEXT_LENGTH else cut(value)
        case bool() | int():
            return value
        case float() if math.isfinite(value):
            return value
        case dict():
            return within_size(nested(value))
        case list() if value and are_objects(value):
            return within_size(each(value))
        case list():
            return within_size(scalars(value))
        case _:
            return Fault("invalid_value", f"{value!r:.80} is no value of an attribute.")


def find_cuts(value: Any) -> Iterator[Fault]:
    """Find the texts that are cut and the arrays that lose elements where a value is kept."""
    kind = type(value)
    if kind is str:
        if len(value) > MAX_TEXT_LENGTH:
            yield Fault(
                "text_too_long",
                f"The string has {len(value)} characters; the first {MAX_TEXT_LENGTH} are kept.",
            )
    elif kind is dict or kind is list:
        if kind is list and not are_objects(value) and len(value) > MAX_ARRAY_LENGTH:
            yield Fault(
                "array_too_long",
                f"The array has {len(value)} elements; the last {MAX_ARRAY_LENGTH} are kept.",
            )
        for step, inner in value.items() if kind is dict else enumerate(value):
            for fault in find_cuts(inner):
                yield fault.inside(step)


def are_objects(value: Any) -> bool:
    """Say whether a value is an array of objects alone; an empty one is."""
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
            hint="What the attribute held is left as it was.",
        )
    return value


def nested(value: Any, levels: int = MAX_NESTING) -> Any | Fault:  # noqa: PLR0911 - one a kind
    """Give a value as an object or an array of objects keeps it."""
    match value:
        case str():
            return cut(value)
        case bool() | int():
            return value
        case float() if math.isfinite(value):
            return value
        case dict() | list() if levels == 0:
            return Fault("invalid_nested_value", f"There are more than {MAX_NESTING} levels here.")
        case {"$time": text, **others} if not others:
            return read_time(text) or Fault(
                "invalid_time",
                f"$time is {text!r:.80}; an ISO 8601 time of the years 1 to 3000 was expected.",
                hint="Leave the key out where there is no time: one bad time drops the attribute.",
                steps=("$time",),
            )
        case dict():
            return _object(value, levels)
        case list():
            return each(value, levels)
        case _:
            return Fault(
                "invalid_nested_value",
                f"{value!r:.80} is inside an object or array; a null there drops the attribute.",
                hint="Leave the key out, or set the whole attribute to null to remove it.",
            )


def each(elements: list[Any], levels: int = MAX_NESTING) -> list[Any] | Fault:
    """Give the elements of an array that is nested, or one of objects."""
    kept = []
    for index, element in enumerate(elements):
        if isinstance(element, list):
            return _nested_array_fault(index)
        held = nested(element, levels - 1)
        if isinstance(held, Fault):
            return held.inside(index)
        kept.append(held)
    return kept


def scalars(elements: list[Any]) -> list[Any] | Fault:
    """Give the elements of an array of scalars, each once, the last of them where they are many."""
    kept = unique(elements)
    return kept if isinstance(kept, Fault) else kept[-MAX_ARRAY_LENGTH:]


def unique(elements: list[Any]) -> list[Any] | Fault:
    """Give scalars each once, in the order in which they are met first."""
    kept: dict[tuple[bool, Any], Any] = {}
    for index, element in enumerate(elements):
        match element:
            case str() | bool() | int() | float():
                kept.setdefault(key_of(element), cut(element))
            case list():
                return _nested_array_fault(index)
            case _:
                return Fault(
                    "invalid_element",
                    f"{element!r:.80} is in an array; scalars alone or objects alone were "
                    "expected.",
                    steps=(index,),
                )
    return list(kept.values())


def cut(scalar: Any) -> Any:
    """Give what is kept of a text; any other scalar is kept whole."""
    return scalar[:MAX_TEXT_LENGTH] if isinstance(scalar, str) else scalar


def key_of(scalar: Any) -> tuple[bool, Any]:
    """Give what makes a scalar another than the next: true is not 1, as Python has it."""
    return isinstance(scalar, bool), cut(scalar)


def number_of(text: str) -> int | float | None:
    """Give the number that a text is, as JSON writes one; None if it is none."""
    try:
        number = orjson.loads(text.strip())
    except orjson.JSONDecodeError:
        return None
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return number if is_number else None


def _object(given: JsonObject, levels: int) -> JsonObject | Fault:
    kept: JsonObject = {}
    for name, value in given.items():
        if not name or len(name) > MAX_TEXT_LENGTH or any(mark in name for mark in " .$"):
            return Fault(
                "invalid_key",
                f"The key {name!r:.80} is inside an object; 1 to {MAX_TEXT_LENGTH} characters "
                "without space, dot and dollar sign were expected.",
                hint="One such key drops the attribute: rename it, for example to "
                f"{name.translate(_PLAIN)[:40]!r}."
                if name
                else "",
                steps=(name,),
            )
        held = nested(value, levels - 1)
        if isinstance(held, Fault):
            return held.inside(name)
        kept[name] = held
    return kept


_PLAIN = str.maketrans(" .", "__", "$")


def _nested_array_fault(index: int) -> Fault:
    return Fault(
        "invalid_element",
        "An array stands in an array; Braze keeps one level only.",
        steps=(index,),
    )


def is_same(held: Any, given: Any) -> bool:
    """Say whether two JSON values are equal; to Python true is 1, and to JSON 1.0 is."""
    if held != given:
        return False
    kind = type(held)
    if kind is str:
        return True
    if kind is dict:
        return all(is_same(value, given[name]) for name, value in held.items())
    if kind is list:
        return all(map(is_same, held, given))
    return (kind is bool) == (type(given) is bool)
