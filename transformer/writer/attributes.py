"""What an attributes object changes on its profile (braze.md §2.1, *attributes object*).

:func:`read_change` only reads: an object that is rejected has changed nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from transformer.delivery import Problem
from transformer.operation import JsonObject
from transformer.trail import CUSTOM_ATTRIBUTE, FIELD
from transformer.writer.accounts import merged_groups, merged_push_tokens
from transformer.writer.arrays import (
    UNCHANGED,
    Asked,
    asked_of,
    incremented,
    merged,
    with_elements,
    with_objects,
)
from transformer.writer.fields import NEVER_EMPTIED, RESERVED
from transformer.writer.identity import (
    EMAIL_BAD_FORMAT,
    PHONE_FORM,
    email_message,
    is_email,
    read_phone,
)
from transformer.writer.pointers import pointer_to
from transformer.writer.profile import Profile
from transformer.writer.provenance import ProfileChanges
from transformer.writer.values import (
    MAX_TEXT_LENGTH,
    Fault,
    Step,
    cut,
    find_cuts,
    read_value,
    within_size,
)

_ADDRESSES = frozenset({"email", "phone"})
_DIRECTIVES = frozenset(
    {"external_id", "user_alias", "braze_id", "_update_existing_only", "_merge_objects"}
)
_TREATED = _ADDRESSES | RESERVED.keys()
_ARRAY_OPERATIONS = frozenset({"add", "remove", "$add", "$remove", "$update"})
_REMOVALS = frozenset({"remove", "$remove"})
_SHORTEST_TIME = 10
_DIGITS = "0123456789"


@dataclass(slots=True)
class Change:
    """What to write on a profile; None as a value removes what is there.

    ``subscriptions`` are the subscription groups that are given, for others with the same email.
    """

    custom_attributes: JsonObject = field(default_factory=dict)
    fields: JsonObject = field(default_factory=dict)
    addresses: dict[str, str | None] = field(default_factory=dict)
    subscriptions: Sequence[JsonObject] = ()
    warnings: list[Problem] = field(default_factory=list)


def is_custom(name: str) -> bool:
    """Say whether a name, written so, is that of a custom attribute, and of no profile field."""
    return name == name.strip() and name not in _TREATED and name not in _DIRECTIVES


def read_change(
    profile: Profile,
    described: JsonObject,
    *,
    pointer: str,
    counting: bool,
    texts: Collection[str] = (),
) -> Change | Problem:
    """Say what an attributes object changes on a profile, or why all of it is rejected.

    Args:
        profile: the profile as it stands.
        described: the attributes object.
        pointer: where the object stands in its delivery.
        counting: False where the object was applied before: increments and added array objects
            are then left out, everything else gives what it gave.
        texts: attributes whose texts are no times, however they look.
    """
    change = Change()
    for name, value in described.items():
        if name in _DIRECTIVES:
            if name == "_merge_objects" and not (value is None or isinstance(value, bool)):
                return _no_flag(value, pointer)
            continue
        if _is_plain(name, value):
            change.custom_attributes[name] = value
            continue
        if texts and type(value) is str and name.strip() in texts:
            faults = _read_text(change, name.strip(), value)
        else:
            faults = _read_one(change, profile, name.strip(), value, described, counting=counting)
        for fault in faults:
            problem = _problem(fault, (name, *fault.steps), pointer)
            if fault.rejects:
                return problem
            change.warnings.append(problem)
    return change


def _is_plain(name: str, value: Any) -> bool:
    """Spot what needs no further look, by far the most common: a scalar in a name of its own.

    A text may be a time where it looks like one of the documented forms at three places.
    """
    kind = type(value)
    if kind is str:
        length = len(value)
        if length >= _SHORTEST_TIME and (
            length > MAX_TEXT_LENGTH
            or ((value[4] == "-" or value[2] == "/") and value[0] in _DIGITS)
            or (value[3] == " " and value[-5] == " ")
        ):
            return False
    elif kind is not int and kind is not bool:
        return False
    return name not in _TREATED and 0 < len(name) <= MAX_TEXT_LENGTH and name.strip() == name


def _read_one(  # noqa: PLR0911 - one a kind of name
    change: Change,
    profile: Profile,
    name: str,
    value: Any,
    described: JsonObject,
    *,
    counting: bool,
) -> Iterable[Fault]:
    if name in RESERVED:
        return _read_field(change, profile, name, value)
    if name in _ADDRESSES:
        return _read_address(change, name, value)
    if name in _DIRECTIVES:
        return (_spaced(name),)
    if value is None:
        change.custom_attributes[name] = None
        return ()
    if not name or len(name) > MAX_TEXT_LENGTH:
        return (
            Fault(
                "invalid_name",
                f"An attribute's name has 1 to {MAX_TEXT_LENGTH} characters, not {len(name)}.",
            ),
        )
    if type(value) is dict:
        merge = described.get("_merge_objects") is True
        held = profile.custom_attributes.get(name)
        read: Any = _read_object(held, value, merge=merge, counting=counting)
    else:
        read = read_value(value)
    if isinstance(read, Fault):
        return (read,)
    if read is not UNCHANGED:
        change.custom_attributes[name] = read
    if type(read) is int or type(read) is float:
        return ()
    return find_cuts(_stored_of(value))


def _read_text(change: Change, name: str, value: str) -> Iterable[Fault]:
    change.custom_attributes[name] = cut(value)
    return find_cuts(value)


def _stored_of(value: Any) -> Any:
    """Leave out what an operation on an array only looks for."""
    if type(value) is not dict or not value.keys() <= _ARRAY_OPERATIONS:
        return value
    return {name: given for name, given in value.items() if name not in _REMOVALS}


def write_change(changes: ProfileChanges, change: Change) -> None:
    """Write a change on its profile; its addresses are the roster's to write."""
    profile = changes.profile
    changes.write(CUSTOM_ATTRIBUTE, profile.custom_attributes, change.custom_attributes)
    changes.write(FIELD, profile.fields, change.fields)


def _read_field(change: Change, profile: Profile, name: str, value: Any) -> Sequence[Fault]:
    if value is None and name not in NEVER_EMPTIED:
        change.fields[name] = None
        return ()
    read = RESERVED[name](value)
    if isinstance(read, Fault):
        return (read,)
    kept, lost = read
    if name == "subscription_groups":
        change.subscriptions = kept
        kept = merged_groups(profile.fields.get(name), kept)
    elif name == "push_tokens":
        kept = merged_push_tokens(profile.fields.get(name), kept)
    change.fields[name] = kept
    return lost


def _read_address(change: Change, name: str, value: Any) -> Sequence[Fault]:
    if name == "email" and value is not None and not is_email(value):
        return (Fault(EMAIL_BAD_FORMAT, email_message(value), rejects=True),)
    if name == "phone" and value is not None:
        phone = read_phone(value)
        if phone is None:
            return (Fault("invalid_phone", f"{value!r:.80} was found; {PHONE_FORM} was expected."),)
        value = phone
    change.addresses[name] = value
    return ()


def _read_object(held: Any, value: JsonObject, *, merge: bool, counting: bool) -> Any:
    match asked_of(value):
        case Asked.INCREMENT:
            return incremented(held, value["inc"]) if counting else UNCHANGED
        case Asked.SCALARS:
            return with_elements(held, add=value.get("add", []), remove=value.get("remove", []))
        case Asked.OBJECTS:
            return with_objects(held, value, merge=merge, adding=counting)
        case None:
            read = read_value(value)
    if merge and isinstance(read, dict):
        return within_size(merged(held, read))
    return read


def _spaced(name: str) -> Fault:
    return Fault(
        "reserved_name",
        f"Spaces stand around {name}, so it is none; and no attribute can be called so.",
        hint="Remove the spaces.",
    )


def _no_flag(value: Any, pointer: str) -> Problem:
    return Problem(
        "invalid_flag",
        f"_merge_objects is {value!r:.80}; true or false was expected.",
        hint="Merging or overwriting is not guessed: the difference is what the profile held.",
        pointer=f"{pointer}/_merge_objects",
    )


def _problem(fault: Fault, steps: Iterable[Step], pointer: str) -> Problem:
    return Problem(fault.code, fault.message, hint=fault.hint, pointer=pointer_to(pointer, *steps))
