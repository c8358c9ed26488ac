"""The profile fields that are no custom attributes, and what each may hold (braze.md §2.1).

The codes of that section's table reject the whole object; anything else that a field cannot hold is
dropped and told. What holds several things is read in ``accounts.py``.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias
from zoneinfo import available_timezones

from transformer.writer.accounts import (
    read_facebook,
    read_groups,
    read_location,
    read_push_token_import,
    read_push_tokens,
    read_twitter,
)
from transformer.writer.countries import country_code
from transformer.writer.languages import LANGUAGES
from transformer.writer.times import read_time
from transformer.writer.values import MAX_TEXT_LENGTH, Fault, Kept, cut, find_cuts

Reader: TypeAlias = Callable[[Any], Kept | Fault]
"""Gives a value as the field keeps it, None where it is emptied; a fault leaves the field alone."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LANGUAGE = re.compile(r"([A-Za-z]{2})([-_][A-Za-z0-9_-]+)?")
_STATES = ("opted_in", "subscribed", "unsubscribed")
_GENDERS = ("M", "F", "O", "N", "P")


def _text(value: Any) -> Kept | Fault:
    if isinstance(value, str):
        if len(value) <= MAX_TEXT_LENGTH:
            return value, ()
        return cut(value), tuple(find_cuts(value))
    return _invalid(value, "a string", hint=f"Write String(…) around {value!r:.40}.")


def _truth(value: Any) -> Kept | Fault:
    return (value, ()) if isinstance(value, bool) else _invalid(value, "true or false")


def _time(value: Any) -> Kept | Fault:
    moment = read_time(value)
    if moment is not None:
        return moment, ()
    return Fault("invalid_time", f"{value!r:.80} was found; an ISO 8601 time was expected.")


def _date(value: Any) -> Kept | Fault:
    if isinstance(value, str) and _DATE.fullmatch(value) and read_time(value):
        return value, ()
    return _invalid(value, "a date as YYYY-MM-DD")


def _gender(value: Any) -> Kept | Fault:
    if value in _GENDERS:
        return value, ()
    meant = value[:1].upper() if isinstance(value, str) else ""
    return _invalid(
        value,
        "M, F, O, N, P or null",
        hint=f"Did you mean {meant!r}?" if meant and meant in _GENDERS else "",
    )


def _country(value: Any) -> Kept | Fault:
    code = country_code(value) if isinstance(value, str) else None
    if code is not None:
        return code, ()
    fault = _invalid(
        value,
        "a country's code of two letters (ISO 3166-1)",
        hint="The field is emptied, as Braze does with a country that it does not know.",
    )
    return None, (fault,)


def _language(value: Any) -> Kept | Fault:
    found = _LANGUAGE.fullmatch(value) if isinstance(value, str) else None
    if found and found[1].lower() in LANGUAGES:
        return found[1].lower(), ()
    return _invalid(value, "a language's code of two letters (ISO 639-1)")


def _time_zone(value: Any) -> Kept | Fault:
    if isinstance(value, str) and value in _zones():
        return value, ()
    return _invalid(value, "the name of a time zone (IANA)", hint="For example Europe/Lisbon.")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _subscription(code: str) -> Reader:
    def read(value: Any) -> Kept | Fault:
        if value in _STATES:
            return value, ()
        return Fault(
            code,
            f"{value!r:.80} was found; one of {', '.join(_STATES)} was expected.",
            rejects=True,
        )

    return read


def _not_settable(value: Any) -> Fault:
    return Fault(
        "reserved_name",
        f"{value!r:.80} was found in a name that is reserved and cannot be set so.",
        hint="Name a profile by user_alias: {alias_name, alias_label}.",
    )


def _subscription_info(_value: Any) -> Fault:
    return Fault(
        "invalid_attribute_email_subscription_info",
        "email_subscription_info cannot be set.",
        rejects=True,
        hint="Set email_subscribe instead.",
    )


def _invalid(value: Any, expected: str, *, hint: str = "") -> Fault:
    return Fault("invalid_value", f"{value!r:.80} was found; {expected} was expected.", hint=hint)


RESERVED: dict[str, Reader] = {
    "first_name": _text,
    "last_name": _text,
    "dob": _date,
    "gender": _gender,
    "home_city": _text,
    "country": _country,
    "language": _language,
    "time_zone": _time_zone,
    "current_location": read_location,
    "date_of_first_session": _time,
    "date_of_last_session": _time,
    "marked_email_as_spam_at": _time,
    "email_subscribe": _subscription("bad_email_subscription_state"),
    "push_subscribe": _subscription("bad_push_subscription_state"),
    "email_open_tracking_disabled": _truth,
    "email_click_tracking_disabled": _truth,
    "facebook": read_facebook,
    "twitter": read_twitter,
    "subscription_groups": read_groups,
    "push_tokens": read_push_tokens,
    "push_token_import": read_push_token_import,
    "alias_name": _not_settable,
    "alias_label": _not_settable,
    "email_subscription_info": _subscription_info,
}

NEVER_EMPTIED = frozenset(
    {
        "email_subscribe",
        "push_subscribe",
        "email_open_tracking_disabled",
        "email_click_tracking_disabled",
        "subscription_groups",
        "push_tokens",
        "push_token_import",
        "alias_name",
        "alias_label",
        "email_subscription_info",
    }
)
"""Those that null does not empty: what it would say of a person's consent is not what was meant."""
