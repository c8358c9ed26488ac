"""Which profile an attributes, events or purchases object means (braze.md §2.1, *Identifiers*).

An object has exactly one primary identifier (``external_id``, ``user_alias`` or ``braze_id``), or
else an email, or else a phone. With a primary one, email and phone are plain profile fields. A
null identifier counts as absent: scripts write ``external_id: payload.user_id`` and get null.

A phone is looked up in one form, without what people put between its digits: ``+``, the country and
the number as E.164 has it, or a national number as it was sent.
"""

import re
from enum import StrEnum
from typing import Any, NamedTuple, TypeGuard

from transformer.delivery import Problem
from transformer.operation import JsonObject
from transformer.settings import BLOCKED_EXTERNAL_IDS as BLOCKED_UNLESS_SET

MAX_EXTERNAL_ID_BYTES = 987
MAX_ALIAS_LENGTH = 255
MAX_EMAIL_LENGTH = 320
MAX_PHONE_LENGTH = 64

PHONE_FORM = "a phone number of 7 to 15 digits behind a +, or of 4 to 15"
EMAIL_BAD_FORMAT = "email_bad_format"
_EMAIL = re.compile(r"[^@\s\x00]+@[^@\s\x00]+\.[^@\s\x00.]+")
# E.164 has at most 15 digits; the shortest numbers in use have 7 with their country, 4 without.
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{4,15}")
_BETWEEN_DIGITS = {ord(character): None for character in " \t-./()\N{NO-BREAK SPACE}"}
_SURELY_FITS = MAX_EXTERNAL_ID_BYTES // 4  # no character has more bytes in UTF-8
_PRIMARIES = ("external_id", "user_alias", "braze_id")
_OTHER_PRIMARIES = frozenset(_PRIMARIES[1:])
_MAX_SHOWN = 80


def read_blocked(blocked: str) -> frozenset[str]:
    """Read the setting that says which external ids name nobody."""
    return frozenset(external_id.strip() for external_id in blocked.split(","))


BLOCKED_EXTERNAL_IDS = read_blocked(BLOCKED_UNLESS_SET)


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


def read_identifier(
    described: JsonObject, *, pointer: str, blocked: frozenset[str] = BLOCKED_EXTERNAL_IDS
) -> Identifier | Problem:
    """Say by what the object at ``pointer`` names its profile, or what is wrong with that.

    Args:
        described: the object.
        pointer: where it stands.
        blocked: the external ids that name nobody.
    """
    external_id = described.get("external_id")
    if type(external_id) is str and not _OTHER_PRIMARIES & described.keys():
        # By far the most common.
        return read_external_id(external_id, pointer=pointer, blocked=blocked)
    primaries = [name for name in _PRIMARIES if name in described and described[name] is not None]
    match primaries:
        case ["external_id"]:
            return read_external_id(described["external_id"], pointer=pointer, blocked=blocked)
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


def read_external_id(
    value: Any, *, pointer: str, blocked: frozenset[str], name: str = "external_id"
) -> Identifier | Problem:
    """Read an external id, which stands under ``name`` in the object at ``pointer``."""
    if not _is_text(value):
        return _unreadable(name, value, "a string that is not empty", pointer)
    if len(value) > _SURELY_FITS and len(value.encode()) > MAX_EXTERNAL_ID_BYTES:
        return Problem(
            "external_user_id_too_large",
            f"{name} has {len(value.encode())} bytes; at most {MAX_EXTERNAL_ID_BYTES} can be kept.",
            pointer=f"{pointer}/{name}",
        )
    if value in blocked:
        return Problem(
            "blacklisted_external_user_id",
            f"{name} is {value!r}, which is what a program writes for nothing.",
            hint="Check where the payload names the person, or return nothing where it names "
            "nobody. TRANSFORMER_BLOCKED_EXTERNAL_IDS lists what is refused.",
            pointer=f"{pointer}/{name}",
        )
    return Identifier(IdentifierType.EXTERNAL_ID, value)


def read_alias(name: Any, label: Any, *, pointer: str) -> Identifier | Problem:
    """Read an alias; ``pointer`` says where it stands."""
    if _is_text(name) and _is_text(label) and max(len(name), len(label)) <= MAX_ALIAS_LENGTH:
        return Identifier(IdentifierType.USER_ALIAS, name, label)
    return Problem(
        "invalid_identifier",
        f"The alias has the name {shown(name)} and the label {shown(label)}; strings of 1 to "
        f"{MAX_ALIAS_LENGTH} characters were expected.",
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


def read_phone(value: Any) -> str | None:
    """Give a phone number in the form in which it is kept and looked up; None if it is none."""
    if not isinstance(value, str) or len(value) > MAX_PHONE_LENGTH:
        return None
    written = value.translate(_BETWEEN_DIGITS)
    return written if _PHONE.fullmatch(written) else None


def _user_alias(value: Any, pointer: str) -> Identifier | Problem:
    if not isinstance(value, dict):
        expected = '{"alias_name": …, "alias_label": …}'
        return _unreadable("user_alias", value, expected, pointer)
    name, label = value.get("alias_name"), value.get("alias_label")
    return read_alias(name, label, pointer=f"{pointer}/user_alias")


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
        written = read_phone(phone)
        if written is not None:
            return Identifier(IdentifierType.PHONE, written)
        return _unreadable("phone", phone, PHONE_FORM, pointer)
    if described.get("push_token_import") is True:
        return Problem(
            "bad_push_token_import",
            "push_token_import makes a profile of nobody for push messages, which are not sent "
            "from here.",
            hint="Name the profile and leave push_token_import out: push_tokens alone are kept.",
            pointer=f"{pointer}/push_token_import",
        )
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
