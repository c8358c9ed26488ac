"""Which profile an attributes, events or purchases object means (braze.md §2.1, *Identifiers*).

An object has exactly one primary identifier (``external_id``, ``user_alias`` or ``braze_id``), or
else an email, or else a phone. With a primary one, email and phone are plain profile fields. A
null identifier counts as absent: scripts write ``external_id: payload.user_id`` and get null.
"""

import re
from enum import StrEnum
from typing import Any, NamedTuple, TypeGuard

from transformer.delivery import Problem
from transformer.operation import JsonObject

MAX_EXTERNAL_ID_BYTES = 987
MAX_ALIAS_LENGTH = 255
MAX_EMAIL_LENGTH = 320
MAX_PHONE_LENGTH = 64

EMAIL_BAD_FORMAT = "email_bad_format"
_EMAIL = re.compile(r"[^@\s\x00]+@[^@\s\x00]+\.[^@\s\x00.]+")
_PHONE = re.compile(r"\+?[\d\s().\-/]*")
_SURELY_FITS = MAX_EXTERNAL_ID_BYTES // 4  # no character has more bytes in UTF-8
_PRIMARIES = ("external_id", "user_alias", "braze_id")
_OTHER_PRIMARIES = frozenset(_PRIMARIES[1:])
_MIN_PHONE_DIGITS = 4
_MAX_SHOWN = 80


class IdentifierType(StrEnum):
    """By what an object names its profile."""

    EXTERNAL_ID = "external_id"
    USER_ALIAS = "user_alias"
    BRAZE_ID = "braze_id"
    EMAIL = "email"
    PHONE = "phone"


class Identifier(NamedTuple):
    """What an object names its profile by; ``label`` is an alias's label, else empty."""

    type: IdentifierType
    value: str
    label: str = ""

    def __str__(self) -> str:
        of_label = f" (label {self.label!r})" if self.label else ""
        return f"{self.type.value} {self.value!r}{of_label}"


def read_identifier(described: JsonObject, *, pointer: str) -> Identifier | Problem:
    """Say by what the object at ``pointer`` names its profile, or what is wrong with that."""
    external_id = described.get("external_id")
    if type(external_id) is str and not _OTHER_PRIMARIES & described.keys():
        return _external_id(external_id, pointer)  # by far the most common
    primaries = [name for name in _PRIMARIES if name in described and described[name] is not None]
    match primaries:
        case ["external_id"]:
            return _external_id(described["external_id"], pointer)
        case ["user_alias"]:
            return _user_alias(described["user_alias"], pointer)
        case ["braze_id"]:
            return _braze_id(described["braze_id"], pointer)
        case []:
            return _address(described, pointer)
        case _:
            return Problem(
                "several_identifiers",
                f"The object has {' and '.join(primaries)}; exactly one of them was expected.",
                hint="Keep the one that names the profile. email and phone may stand beside it.",
                pointer=pointer,
            )


def may_create(identifier: Identifier, *, update_existing_only: bool | None) -> bool:
    """Say whether an object may make the profile that its identifier does not find.

    Args:
        identifier: what the object names its profile by.
        update_existing_only: ``_update_existing_only`` as given; None where it is left out.
    """
    match identifier.type:
        case IdentifierType.BRAZE_ID:
            return False
        case IdentifierType.USER_ALIAS:
            return update_existing_only is False
        case IdentifierType.EXTERNAL_ID | IdentifierType.EMAIL | IdentifierType.PHONE:
            return not update_existing_only


def is_email(value: Any) -> TypeGuard[str]:
    """Say whether a value has the form of an email address."""
    return (
        isinstance(value, str)
        and len(value) <= MAX_EMAIL_LENGTH
        and _EMAIL.fullmatch(value) is not None
    )


def is_phone(value: Any) -> TypeGuard[str]:
    """Say whether a value has the form of a phone number; E.164 is advised, not required."""
    return (
        isinstance(value, str)
        and len(value) <= MAX_PHONE_LENGTH
        and _PHONE.fullmatch(value) is not None
        and sum(character.isdigit() for character in value) >= _MIN_PHONE_DIGITS
    )


def _external_id(value: Any, pointer: str) -> Identifier | Problem:
    if not _is_text(value):
        return _unreadable("external_id", value, "a string that is not empty", pointer)
    if len(value) > _SURELY_FITS and len(value.encode()) > MAX_EXTERNAL_ID_BYTES:
        return Problem(
            "external_user_id_too_large",
            f"external_id has {len(value.encode())} bytes; at most {MAX_EXTERNAL_ID_BYTES} can be "
            "kept.",
            pointer=f"{pointer}/external_id",
        )
    return Identifier(IdentifierType.EXTERNAL_ID, value)


def _user_alias(value: Any, pointer: str) -> Identifier | Problem:
    if isinstance(value, dict):
        name, label = value.get("alias_name"), value.get("alias_label")
        if _is_text(name) and _is_text(label) and max(len(name), len(label)) <= MAX_ALIAS_LENGTH:
            return Identifier(IdentifierType.USER_ALIAS, name, label)
    expected = f'{{"alias_name": …, "alias_label": …}} with 1 to {MAX_ALIAS_LENGTH} characters each'
    return _unreadable("user_alias", value, expected, pointer)


def _braze_id(value: Any, pointer: str) -> Identifier | Problem:
    if not _is_text(value):
        return _unreadable("braze_id", value, "the id of a profile", pointer)
    return Identifier(IdentifierType.BRAZE_ID, value)


def _address(described: JsonObject, pointer: str) -> Identifier | Problem:
    email, phone = described.get("email"), described.get("phone")
    if email is not None:
        if is_email(email):
            return Identifier(IdentifierType.EMAIL, email)
        return Problem(EMAIL_BAD_FORMAT, email_message(email), pointer=f"{pointer}/email")
    if phone is not None:
        if is_phone(phone):
            return Identifier(IdentifierType.PHONE, phone)
        return _unreadable("phone", phone, "a phone number", pointer)
    return Problem(
        "missing_identifier",
        "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required.",
        hint="Check where the payload names the person: an undefined value vanishes from the "
        "output.",
        pointer=pointer,
    )


def email_message(value: Any) -> str:
    """Say that an email is none, in the words of the API we speak."""
    return f"The value provided for the 'email' field is not a valid email: {shown(value)}."


def shown(value: Any) -> str:
    """Write a value into a message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"


def _is_text(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and value.strip() != "" and "\x00" not in value


def _unreadable(name: str, value: Any, expected: str, pointer: str) -> Problem:
    hint = f"Write String(…) around the value of {name}." if type(value) in (int, float) else ""
    return Problem(
        "invalid_identifier",
        f"{name} is {shown(value)}; {expected} was expected.",
        hint=hint,
        pointer=f"{pointer}/{name}",
    )
