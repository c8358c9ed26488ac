"""Times as senders write them, read into the one form that the store keeps (braze.md §2.1).

The store's form is ISO 8601 in UTC with milliseconds: texts of it compare as the moments do.
"""

import re
from datetime import UTC, datetime

_STORED_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_COLON_BEFORE_MILLISECONDS = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d):(\d{3}Z?)")
_OTHER_FORMS = ("%m/%d/%Y", "%a %m %d %H:%M:%S.%z %Y", "%Y-%m-%d %H:%M:%S %z")
_LAST_YEAR = 3000

# The documented forms and no other: a text of digits alone is ISO 8601 too, and an order's number.
_DOCUMENTED_FORM = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,:]\d{1,9})?)? ?(Z|[+-]\d\d(:?\d\d)?)?)?"
    r"|\d\d/\d\d/\d{4}"
    r"|[A-Z][a-z]{2} \d\d \d\d \d\d:\d\d:\d\d\.(Z|[+-]\d\d:?\d\d) \d{4}",
    re.ASCII,
)


def read_time(value: object) -> str | None:
    """Read a time in any of the accepted forms; None if it is none, or not in years 1 to 3000.

    A time without a zone is in UTC, a date without a time is its midnight.
    """
    if not isinstance(value, str):
        return None
    moment = _parsed(value)
    if moment is None or moment.year > _LAST_YEAR:
        return None
    if _STORED_FORM.fullmatch(value):
        return value
    try:
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except OverflowError:
        return None
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def time_or_text(text: str) -> str:
    """Give the time that a text is, in the store's form, or else the text.

    Only for custom attributes, whose types are found from the data: a text in one of the documented
    forms is a time. One of another year than 1 to 3000, or of no day of the calendar, stays a text.
    """
    return (_DOCUMENTED_FORM.fullmatch(text) and read_time(text)) or text


def is_time(text: str) -> bool:
    """Say whether a text would be a time as a custom attribute."""
    return _DOCUMENTED_FORM.fullmatch(text) is not None and read_time(text) is not None


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    text = _COLON_BEFORE_MILLISECONDS.sub(r"\1.\2", text.strip())
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _OTHER_FORMS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - read_time gives it its zone
        except ValueError:
            continue
    return None
