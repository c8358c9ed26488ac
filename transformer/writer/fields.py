"""Reserved profile fields: the names that are no custom attributes, and what each may hold.

The codes are Braze's own, in small letters (braze.md §2.1): those of the table there reject the
whole object, anything else that a field cannot hold is dropped and told.
"""

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from transformer.operation import JsonObject
from transformer.writer.times import read_time
from transformer.writer.values import MAX_TEXT_LENGTH, Fault

Reader: TypeAlias = Callable[[Any], Any]
"""Gives a value as the field keeps it, or a :class:`Fault`; None removes the field."""

_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_SUBSCRIPTIONS = ("opted_in", "subscribed", "unsubscribed")
_GENDERS = ("M", "F", "O", "N", "P")
_DEVICE_ID_BYTES = range(8, 256)
_MAX_LONGITUDE = 180
_MAX_LATITUDE = 90


def merged_groups(held: list[JsonObject] | None, given: list[JsonObject]) -> list[JsonObject]:
    """Give the subscription groups after some of them changed."""
    by_id = {group["subscription_group_id"]: group for group in [*(held or []), *given]}
    return list(by_id.values())


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return value[:MAX_TEXT_LENGTH]
    return Fault("invalid_value", f"{value!r:.80} was found; a string was expected.")


def _truth(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    return Fault("invalid_value", f"{value!r:.80} was found; true or false was expected.")


def _time(value: Any) -> Any:
    return read_time(value) or Fault(
        "invalid_time", f"{value!r:.80} was found; an ISO 8601 time was expected."
    )


def _date(value: Any) -> Any:
    moment = read_time(value)
    if moment is None or not _DATE.match(value):
        return Fault("invalid_value", f"{value!r:.80} was found; YYYY-MM-DD was expected.")
    return value[:10]


def _gender(value: Any) -> Any:
    letter = value[:1].upper() if isinstance(value, str) else ""
    if letter in _GENDERS and value.lower() in (letter.lower(), *_GENDER_WORDS[letter]):
        return letter
    return Fault("invalid_value", f"{value!r:.80} was found; M, F, O, N, P or null was expected.")


_GENDER_WORDS: dict[str, tuple[str, ...]] = {
    "M": ("male",),
    "F": ("female",),
    "O": ("other",),
    "N": ("not applicable",),
    "P": ("prefer not to say",),
}


def _country(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z]{2}", value):
        return value.upper()
    return Fault(
        "invalid_value", f"{value!r:.80} was found; an ISO 3166-1 code of two letters was expected."
    )


def _language(value: Any) -> Any:
    found = (
        re.fullmatch(r"([A-Za-z]{2})([-_][A-Za-z-_]+)?", value) if isinstance(value, str) else None
    )
    if found:
        return found[1].lower()
    return Fault(
        "invalid_value", f"{value!r:.80} was found; an ISO 639-1 code of two letters was expected."
    )


def _location(value: Any) -> Any:
    match value:
        case {"longitude": int() | float() as longitude, "latitude": int() | float() as latitude}:
            if abs(longitude) <= _MAX_LONGITUDE and abs(latitude) <= _MAX_LATITUDE:
                return {"longitude": longitude, "latitude": latitude}
        case _:
            pass
    return Fault(
        "bad_location_update",
        f"{value!r:.80} was found; longitude and latitude as numbers were expected.",
        rejects=True,
    )


def _subscription(code: str) -> Reader:
    def read(value: Any) -> Any:
        if value in _SUBSCRIPTIONS:
            return value
        return Fault(
            code,
            f"{value!r:.80} was found; {', '.join(_SUBSCRIPTIONS)} are possible.",
            rejects=True,
        )

    return read


def _groups(value: Any) -> Any:
    if not isinstance(value, list):
        return _group_fault("array", value, "an array of objects")
    kept = []
    for group in value:
        match group:
            case {"subscription_group_id": group_id, "subscription_state": state}:
                if not isinstance(group_id, str) or not group_id:
                    return _group_fault("id", group_id, "the id of a subscription group")
                if state not in ("subscribed", "unsubscribed"):
                    return _group_fault("state", state, "subscribed or unsubscribed")
                kept.append({"subscription_group_id": group_id, "subscription_state": state})
            case _:
                return _group_fault("hash", group, "subscription_group_id and subscription_state")
    return kept


def _group_fault(part: str, value: Any, expected: str) -> Fault:
    return Fault(
        f"bad_subscription_group_{part}",
        f"{value!r:.80} was found; {expected} was expected.",
        rejects=True,
    )


def _push_tokens(value: Any) -> Any:
    if not isinstance(value, list) or not all(isinstance(token, dict) for token in value):
        return Fault(
            "bad_push_token_value",
            f"{value!r:.80} was found; an array of objects was expected.",
            rejects=True,
        )
    for token in value:
        if not isinstance(token.get("token"), str):
            return Fault("bad_push_token_string", "A push token is no string.", rejects=True)
        device_id = token.get("device_id")
        if device_id is not None and (
            not isinstance(device_id, str) or len(device_id.encode()) not in _DEVICE_ID_BYTES
        ):
            return Fault("bad_device_id", "A device_id has not 8 to 255 bytes.", rejects=True)
    return value


def _push_token_import(value: Any) -> Any:
    if value is False:
        return None
    return Fault(
        "bad_push_token_import",
        "push_token_import makes anonymous profiles, and this object names its profile.",
        rejects=True,
    )


def _account(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    return Fault("invalid_value", f"{value!r:.80} was found; an object was expected.")


def _not_settable(value: Any) -> Any:
    return Fault(
        "reserved_name",
        f"{value!r:.80} was found in a name that is reserved and cannot be set so.",
        hint="Name a profile by user_alias: {alias_name, alias_label}.",
    )


def _subscription_info(_value: Any) -> Any:
    return Fault(
        "invalid_attribute_email_subscription_info",
        "email_subscription_info cannot be set.",
        rejects=True,
    )


RESERVED: dict[str, Reader] = {
    "first_name": _text,
    "last_name": _text,
    "dob": _date,
    "gender": _gender,
    "home_city": _text,
    "country": _country,
    "language": _language,
    "time_zone": _text,
    "current_location": _location,
    "date_of_first_session": _time,
    "date_of_last_session": _time,
    "marked_email_as_spam_at": _time,
    "email_subscribe": _subscription("bad_email_subscription_state"),
    "push_subscribe": _subscription("bad_push_subscription_state"),
    "email_open_tracking_disabled": _truth,
    "email_click_tracking_disabled": _truth,
    "facebook": _account,
    "twitter": _account,
    "subscription_groups": _groups,
    "push_tokens": _push_tokens,
    "push_token_import": _push_token_import,
    "alias_name": _not_settable,
    "alias_label": _not_settable,
    "email_subscription_info": _subscription_info,
}
