"""The values of catalog items: brought into the type of their field, or refused (braze.md §3.2).

Where Braze does not say what can be coerced, a value is taken if one can write it in the other type
and read it back, and refused otherwise: ``"7.5"`` is a number, ``1`` is no boolean.
"""

from collections.abc import Iterable
from typing import Any, TypeGuard

import orjson

from transformer.catalog import MAX_FILTERED_LENGTH, Catalog, FieldType
from transformer.delivery import Problem
from transformer.writer.identity import shown
from transformer.writer.times import read_time
from transformer.writer.values import number_of

MAX_VALUE_LENGTH = 5_000
MAX_NESTING = 50
_ARRAY_OPERATIONS = frozenset({"$add", "$remove"})
_LONGITUDES = 180
_LATITUDES = 90


def read_value(
    value: Any, *, catalog: Catalog, field: str, patching: bool, pointer: str
) -> Any | Problem:
    """Give a value in its field's type; None is one in every type.

    Args:
        value: what was given.
        catalog: which fields there are.
        field: the name of one of them.
        patching: an array may be given as what to add to it and what to remove.
        pointer: where the value stands.
    """
    if value is None:
        return None
    kind = catalog.schema[field]
    if patching and kind is FieldType.ARRAY and is_array_operation(value):
        for name, elements in value.items():
            fault = _array_fault(elements, f"{pointer}/{name}")
            if fault is not None:
                return fault
        return value
    fault = _structure_fault(value, pointer)
    if fault is not None:
        return fault
    coerced = _coerced(value, kind)
    if coerced is None:
        return _not_coercible(value, kind, pointer)
    return (
        size_fault(coerced, pointer) or _filtered_fault(coerced, catalog, field, pointer) or coerced
    )


def is_array_operation(value: Any) -> TypeGuard[dict[str, Any]]:
    """Say whether a value is what to add to an array and what to remove from it."""
    return isinstance(value, dict) and bool(value) and value.keys() <= _ARRAY_OPERATIONS


def with_elements(held: Iterable[Any], *, add: Iterable[Any], remove: Iterable[Any]) -> list[Any]:
    """Give an array's elements with those added that are new, and without those removed.

    First is added, then removed, as the operators of profiles are (braze.md §2.1).
    """
    kept = list(held)
    known = {_form_of(element) for element in kept}
    for element in add:
        form = _form_of(element)
        if form not in known:
            known.add(form)
            kept.append(element)
    gone = {_form_of(element) for element in remove}
    return [element for element in kept if _form_of(element) not in gone]


def size_fault(value: Any, pointer: str) -> Problem | None:
    """Say that a value is too large to be kept: a text's characters count, or those of its JSON."""
    size = len(value) if isinstance(value, str) else len(orjson.dumps(value).decode())
    if size <= MAX_VALUE_LENGTH:
        return None
    return Problem(
        "items_too_large",
        f"A value has {size} characters; at most {MAX_VALUE_LENGTH} can be kept.",
        pointer=pointer,
    )


def _coerced(  # noqa: C901, PLR0911 - a table: one line a type and a form
    value: Any, kind: FieldType
) -> Any:
    """Give the value in the field's type; None if it has no such form."""
    match kind, value:
        case (FieldType.STRING, str()) | (FieldType.BOOLEAN, bool()) | (FieldType.OBJECT, dict()):
            return value
        case FieldType.STRING, bool():
            return "true" if value else "false"
        case FieldType.STRING, int() | float():
            return str(value)
        case FieldType.NUMBER, bool():
            return None
        case FieldType.NUMBER, int() | float():
            return value
        case FieldType.NUMBER, str():
            return number_of(value)
        case FieldType.BOOLEAN, str():
            return {"true": True, "false": False}.get(value.lower())
        case FieldType.TIME, _:
            return read_time(value)
        case FieldType.ARRAY, list():
            return value
        case FieldType.GEO, [longitude, latitude]:
            is_place = _within(longitude, _LONGITUDES) and _within(latitude, _LATITUDES)
            return value if is_place else None
        case _:
            return None


def _within(value: Any, most: int) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -most <= value <= most


def _array_fault(elements: Any, pointer: str) -> Problem | None:
    if not isinstance(elements, list):
        return _not_coercible(elements, FieldType.ARRAY, pointer)
    return _structure_fault(elements, pointer) or size_fault(elements, pointer)


def _structure_fault(value: Any, pointer: str) -> Problem | None:
    """Say that a key is none, or that objects and arrays are nested too deeply."""
    if not isinstance(value, dict | list):
        return None
    level = [value]
    for _ in range(MAX_NESTING + 1):
        deeper: list[Any] = []
        for part in level:
            if isinstance(part, dict):
                for name in part:
                    if "." in name or "$" in name:
                        return Problem(
                            "invalid_keys_in_value_object",
                            f"The key {shown(name)} holds a dot or a dollar sign.",
                            pointer=pointer,
                        )
                deeper.extend(part.values())
            elif isinstance(part, list):
                deeper.extend(part)
        if not deeper:
            return None
        level = deeper
    return Problem(
        "too_deep_nesting_in_value_object",
        f"The value is nested deeper than {MAX_NESTING} levels.",
        pointer=pointer,
    )


def _filtered_fault(value: Any, catalog: Catalog, field: str, pointer: str) -> Problem | None:
    if field not in catalog.filtered or len(value) <= MAX_FILTERED_LENGTH:
        return None
    return Problem(
        "filtered_set_field_too_long",
        f"A value has {len(value)} characters; a selection of {catalog.name} filters by {field}, so "
        f"at most {MAX_FILTERED_LENGTH} can be kept.",
        pointer=pointer,
    )


def _not_coercible(value: Any, kind: FieldType, pointer: str) -> Problem:
    return Problem(
        "unable_to_coerce_value",
        f"{shown(value)} was found; the field's type is {kind}.",
        hint="A place is [longitude, latitude]." if kind is FieldType.GEO else "",
        pointer=pointer,
    )


def _form_of(element: Any) -> bytes:
    """Give what is the same for equal elements: 1 and 1.0 are equal, 1 and true are not."""
    if isinstance(element, float) and element.is_integer():
        element = int(element)
    return orjson.dumps(element, option=orjson.OPT_SORT_KEYS)
