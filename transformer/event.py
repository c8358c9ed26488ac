"""An event: an accepted webhook, kept byte for byte and never changed.

The *body* is the raw bytes, which a signature is over; the *payload* is what the code sees, a JSON
text made from the body by :func:`payload_text`:

========================================== ============================================
content type                               payload
========================================== ============================================
``application/json``, ``…+json``, or none   the JSON itself
``application/x-www-form-urlencoded``       an object of the fields; a name given twice
                                            becomes an array of strings
``text/*``                                  the JSON, if the text is JSON (many senders
                                            mislabel it), else one string
========================================== ============================================

Anything else is tried as JSON and refused if it is not.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import parse_qsl

import orjson

from transformer.errors import BodyUnreadable
from transformer.ids import EventId, SourceId, WorkspaceId

_FORM = "application/x-www-form-urlencoded"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MAX_FORM_FIELDS = 2_000

# The encodings of the web (https://encoding.spec.whatwg.org). Python knows others that are no
# encodings of text, or take quadratic time, and the sender would choose them.
_CHARSET = re.compile(
    r"utf-?8|us-ascii|ascii|utf-?16(le|be)?|iso-?8859-?\d{1,2}|latin-?1|windows-?125\d|cp125\d"
    r"|shift[-_]?jis|euc[-_](jp|kr)|gb(k|2312|18030)|big5|koi8-[ru]|macintosh"
)

# They authenticate the sender to us or to a proxy before us; user code and logs never see them.
SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})


@dataclass(frozen=True, slots=True)
class Event:
    """An accepted webhook."""

    id: EventId
    workspace_id: WorkspaceId
    source_id: SourceId
    accepted_at: datetime
    content_type: str
    headers: Mapping[str, str]
    body: bytes


@lru_cache(maxsize=4096)
def train_case(name: str) -> str:
    """Write a header's name as user code sees it: ``x-github-event`` → ``X-Github-Event``."""
    return "-".join(part.capitalize() for part in name.split("-"))


def payload_text(body: bytes, content_type: str) -> bytes:
    """Make the payload, a JSON text in UTF-8, from a body.

    Raises:
        BodyUnreadable: the body is not what its content type says, or no JSON where JSON is due.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == _FORM:
        return _form_payload(body)
    if media_type.startswith("text/"):
        return _text_payload(body, content_type)
    return _json_payload(body)


def _json_payload(body: bytes) -> bytes:
    text = body.removeprefix(_BYTE_ORDER_MARK)
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if not text.strip():
            raise BodyUnreadable(
                "The body is empty; a JSON document was expected.",
                hint="Send the webhook's data as the body of the POST.",
            ) from error
        raise BodyUnreadable(
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            hint="Send JSON (UTF-8), or name the body's form in Content-Type: "
            "application/x-www-form-urlencoded and text/plain are understood too.",
        ) from error
    return text


def _form_payload(body: bytes) -> bytes:
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            strict_parsing=bool(body.strip()),
            errors="strict",
            max_num_fields=_MAX_FORM_FIELDS,
        )
    except ValueError as error:
        raise BodyUnreadable(
            f"The body is not form-encoded as its Content-Type says: {error}.",
            hint="Send name=value pairs joined by &, percent-encoded UTF-8.",
        ) from error
    fields: dict[str, str | list[str]] = {}
    for name, value in pairs:
        held = fields.get(name)
        if held is None:
            fields[name] = value
        elif isinstance(held, list):
            held.append(value)
        else:
            fields[name] = [held, value]
    return orjson.dumps(fields)


def _text_payload(body: bytes, content_type: str) -> bytes:
    text = body.removeprefix(_BYTE_ORDER_MARK)
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        charset = content_type.lower().partition("charset=")[2].strip(' "') or "utf-8"
        if not _CHARSET.fullmatch(charset):
            raise BodyUnreadable(
                f"The body's encoding, {charset[:40]!r}, is none that is read here.",
                hint="Send UTF-8, or name another of the web's encodings in Content-Type.",
            ) from None
        try:
            return orjson.dumps(text.decode(charset))
        except (UnicodeError, LookupError, TypeError) as error:
            raise BodyUnreadable(
                f"The body is not text in {charset}: {error}.",
                hint="Name the text's encoding in Content-Type, or send UTF-8.",
            ) from error
    return text
