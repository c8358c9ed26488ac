"""What an attributes object changes on its profile (braze.md §2.1, *attributes object*).

:func:`read_change` only reads: an object that is rejected has changed nothing.
"""

from dataclasses import dataclass, field
from typing import Any

from transformer.delivery import Problem
from transformer.operation import JsonObject
from transformer.writer.fields import RESERVED, merged_groups
from transformer.writer.identity import (
    EMAIL_BAD_FORMAT,
    PHONE_FORM,
    email_message,
    is_email,
    read_phone,
)
from transformer.writer.profile import Profile
from transformer.writer.values import (
    MAX_TEXT_LENGTH,
    Fault,
    incremented,
    long_text,
    merged,
    read_value,
    with_elements,
    with_objects,
    within_size,
)

_ADDRESSES = frozenset({"email", "phone"})
_DIRECTIVES = frozenset(
    {"external_id", "user_alias", "braze_id", "_update_existing_only", "_merge_objects"}
)
_TREATED = _ADDRESSES | RESERVED.keys()
_SCALAR_ARRAY_OPERATIONS = frozenset({"add", "remove"})
_OBJECT_ARRAY_OPERATIONS = frozenset({"$add", "$remove", "$update"})


_UNCHANGED = object()


@dataclass(slots=True)
class Change:
    """What to write on a profile; None as a value removes what is there.

    ``subscriptions`` are the subscription groups that are given, for others with the same email.
    """

    custom_attributes: JsonObject = field(default_factory=dict)
    fields: JsonObject = field(default_factory=dict)
    addresses: dict[str, str | None] = field(default_factory=dict)
    subscriptions: list[JsonObject] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def read_change(
    profile: Profile, described: JsonObject, *, pointer: str, counting: bool
) -> Change | Problem:
    """Say what an attributes object changes on a profile, or why all of it is rejected.

    Args:
        profile: the profile as it stands.
        described: the attributes object.
        pointer: where the object stands in its delivery.
        counting: False where the object was applied before: increments and added array objects
            are then left out, everything else gives what it gave.
    """
    change = Change()
    for name, value in described.items():
        if name in _DIRECTIVES:
            continue
        if _is_plain(name, value):
            change.custom_attributes[name] = value
            continue
        fault = _read_one(change, profile, name.strip(), value, described, counting=counting)
        if fault is None:
            continue
        problem = _problem(fault, name, pointer)
        if fault.rejects:
            return problem
        change.warnings.append(problem)
    return change


def _is_plain(name: str, value: Any) -> bool:
    """Spot what needs no further look, by far the most common: a scalar in a name of its own."""
    kind = type(value)
    return (
        (len(value) <= MAX_TEXT_LENGTH if kind is str else kind is int or kind is bool)
        and name not in _TREATED
        and 0 < len(name) <= MAX_TEXT_LENGTH
        and name.strip() == name
    )


def _read_one(
    change: Change,
    profile: Profile,
    name: str,
    value: Any,
    described: JsonObject,
    *,
    counting: bool,
) -> Fault | None:
    if name in RESERVED:
        return _read_field(change, profile, name, value)
    if name in _ADDRESSES:
        return _read_address(change, name, value)
    if value is None:
        change.custom_attributes[name] = None
        return None
    if not name or len(name) > MAX_TEXT_LENGTH:
        return Fault(
            "invalid_name",
            f"An attribute's name has 1 to {MAX_TEXT_LENGTH} characters, not {len(name)}.",
        )
    if type(value) is dict:
        merge = described.get("_merge_objects") is True
        held = profile.custom_attributes.get(name)
        read: Any = _read_object(held, value, merge=merge, counting=counting)
    else:
        read = read_value(value)
    if isinstance(read, Fault):
        return read
    if read is not _UNCHANGED:
        change.custom_attributes[name] = read
    return long_text(value)


def write_change(profile: Profile, change: Change) -> None:
    """Write a change on its profile; its addresses are the roster's to write."""
    _write(profile.custom_attributes, change.custom_attributes)
    _write(profile.fields, change.fields)


def _write(held: JsonObject, given: JsonObject) -> None:
    for name, value in given.items():
        if value is None:
            held.pop(name, None)
        else:
            held[name] = value


def _read_field(change: Change, profile: Profile, name: str, value: Any) -> Fault | None:
    if value is None:
        change.fields[name] = None
        return None
    read = RESERVED[name](value)
    if isinstance(read, Fault):
        return read
    if name == "subscription_groups":
        change.subscriptions = read
        read = merged_groups(profile.fields.get(name), read)
    change.fields[name] = read
    return None


def _read_address(change: Change, name: str, value: Any) -> Fault | None:
    if name == "email" and value is not None and not is_email(value):
        return Fault(EMAIL_BAD_FORMAT, email_message(value), rejects=True)
    if name == "phone" and value is not None:
        phone = read_phone(value)
        if phone is None:
            return Fault("invalid_phone", f"{value!r:.80} was found; {PHONE_FORM} was expected.")
        value = phone
    change.addresses[name] = value
    return None


def _read_object(held: Any, value: JsonObject, *, merge: bool, counting: bool) -> Any:
    names = value.keys()
    if names == {"inc"}:
        return incremented(held, value["inc"]) if counting else _UNCHANGED
    if names and names <= _SCALAR_ARRAY_OPERATIONS and _are_lists(value):
        return with_elements(held, add=value.get("add", []), remove=value.get("remove", []))
    if names and names <= _OBJECT_ARRAY_OPERATIONS:
        return with_objects(held, value, merge=merge, adding=counting)
    read = read_value(value)
    if merge and isinstance(read, dict):
        return within_size(merged(held, read))
    return read


def _are_lists(value: JsonObject) -> bool:
    return all(isinstance(elements, list) for elements in value.values())


def _problem(fault: Fault, name: str, pointer: str) -> Problem:
    escaped = name.replace("~", "~0").replace("/", "~1")
    return Problem(fault.code, fault.message, hint=fault.hint, pointer=f"{pointer}/{escaped}")
