"""The bytes that a signature is over: a template, compiled once.

``{id}.{timestamp}.{body}``. What stands in braces:

=================== ==============================================================================
``{body}``          the body, as it arrived
``{timestamp}``     the time of signing, as it was written
``{id}``            the message's id
``{method}``        in capitals
``{url}``           the URL that the sender was given
``{path}``          the URL's path with its query
``{header:NAME}``   a header
``{value:PATH}``    a value of the payload
``{item:PATH}``     a value of the element that is being verified (``each``)
``{secret}``        the secret, where it is a value to be signed and not a key
=================== ==============================================================================

The rest are rules of single vendors, each named for what it does (``_BUILDERS``).
"""

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeAlias
from urllib.parse import quote, unquote

from transformer.ingest.providers.place import Home, Place, as_text, find
from transformer.ingest.providers.request import Request

_TOKEN = re.compile(r"\{([a-z0-9_]+)(?::([^{}]*))?\}")
_ESCAPED_FORMS = re.compile("%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)

# What JavaScript's querystring.escape and encodeURI leave as it is, beside letters, digits and -._~
_LEFT_BY_ESCAPE = "!'()*"
_LEFT_BY_ENCODE_URI = "!'()*;/?:@&=+$,#"


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a signature would be over is not there: what it is."""

    what: str


class Given:
    """What is known of one signature when its bytes are put together.

    No dataclass: one is made for each webhook, and a frozen one takes three times as long.
    """

    __slots__ = ("id", "item", "request", "secret", "timestamp")

    def __init__(self, request: Request, *, timestamp: str, id: str, item: Any) -> None:  # noqa: A002
        self.request = request
        self.timestamp = timestamp
        self.id = id
        self.item = item
        self.secret = ""


Part: TypeAlias = Callable[[Given], bytes | Lacking]


@dataclass(frozen=True, slots=True)
class Signed:
    """A template, ready to be filled in.

    ``names_secret``: the secret is part of what is signed.
    """

    template: str
    parts: tuple[bytes | Part, ...]

    names_secret: bool

    def build(self, given: Given) -> bytes | Lacking:
        """Put the bytes together."""
        pieces: list[bytes] = []
        for part in self.parts:
            piece = part if isinstance(part, bytes) else part(given)
            if isinstance(piece, Lacking):
                return piece
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def compile_signed(template: str) -> Signed:
    """Compile a template.

    Raises:
        ValueError: what stands in braces is none of what can; says so.
    """
    parts: list[bytes | Part] = []
    end = 0
    for found in _TOKEN.finditer(template):
        if found.start() > end:
            parts.append(template[end : found.start()].encode())
        parts.append(_part(found[1], found[2]))
        end = found.end()
    if end < len(template):
        parts.append(template[end:].encode())
    return Signed(template, tuple(parts), "{secret}" in template)


def builder_names() -> list[str]:
    """Name the rules of single vendors."""
    return sorted(_BUILDERS)


def _part(name: str, argument: str | None) -> Part:
    if argument is None and name in _PLAIN:
        return _PLAIN[name]
    if argument is None and name in _BUILDERS:
        return _BUILDERS[name]
    match name, argument:
        case "header", str(header):
            return _placed(Place(Home.HEADER, header))
        case "value", str(path):
            return _placed(Place(Home.PATH, path))
        case "item", str(path):
            return _item(path)
        case _:
            pass
    known = ", ".join(f"{{{known}}}" for known in sorted({*_PLAIN, *_BUILDERS}))
    raise ValueError(
        f"{{{name}}} can not be signed; known are {known}, "
        "{header:NAME}, {value:PATH} and {item:PATH}"
    )


def _placed(place: Place) -> Part:
    def part(given: Given) -> bytes | Lacking:
        value = place.value(given.request)
        return Lacking(str(place)) if value is None else _bytes(value)

    return part


def _item(path: str) -> Part:
    def part(given: Given) -> bytes:
        # An element may leave a field out; it is signed as if it were empty.
        return _bytes(as_text(next(find(given.item, path), None)) or "")

    return part


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


def _path(given: Given) -> bytes:
    parts = given.request.parts
    return _bytes(f"{parts.path}?{parts.query}" if parts.query else parts.path or "/")


def _sorted_form(given: Given) -> bytes | Lacking:
    """Each name with its values, sorted by name: nothing between them (Twilio, Mandrill)."""
    form = given.request.form
    if not form and given.request.body:
        # Else the signature of an empty form would do for any body.
        return Lacking("a form as the body")
    return _bytes(
        "".join(name + value for name in sorted(form) for value in sorted(set(form[name])))
    )


def _form_or_hash(given: Given) -> bytes | Lacking:
    """Of a form its sorted fields; of another body nothing, but the URL must have its hash (Twilio)."""
    claimed = given.request.query("bodySHA256")
    if claimed is None:
        return _sorted_form(given)
    if claimed.lower() != sha256(given.request.body).hexdigest():
        return Lacking("a body whose SHA-256 is the URL's bodySHA256")
    return b""


def _readable_url(given: Given) -> bytes:
    """The URL with the escapes that need not be undone (HubSpot v3)."""
    url = given.request.url
    return _bytes(_ESCAPED_FORMS.sub(lambda found: unquote(found[0]), url))


def _crc32(given: Given) -> bytes:
    """The body's CRC-32 in decimal (PayPal)."""
    return str(zlib.crc32(given.request.body)).encode()


def _escaped_path(given: Given) -> bytes:
    """The URL's path, and its query escaped twice, as the provider's library does (Contentful)."""
    parts = given.request.parts
    query = f"?{quote(parts.query, safe=_LEFT_BY_ESCAPE)}" if parts.query else ""
    return _bytes(quote(parts.path + query, safe=_LEFT_BY_ENCODE_URI))


def _named_headers(given: Given) -> bytes | Lacking:
    """The headers that a header names, ``name:value`` with semicolons between (Contentful)."""
    names = given.request.header("x-contentful-signed-headers")
    if names is None:
        return Lacking("the header 'x-contentful-signed-headers'")
    signed = sorted(name.strip().lower() for name in names.split(","))
    if "x-contentful-timestamp" not in signed:
        return Lacking("the time among the headers that are signed")
    lines = []
    for name in signed:
        value = given.request.header(name)
        if value is None:
            return Lacking(f"the header {name!r}, which is said to be signed")
        lines.append(f"{name}:{value}")
    return _bytes(";".join(lines))


_SNS_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_SNS_QUESTION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")


def _named_lines(given: Given) -> bytes | Lacking:
    """Names and values of some keys on lines of their own, by the message's type (Amazon SNS)."""
    payload = given.request.payload
    if not isinstance(payload, dict):
        return Lacking("a JSON object as the body")
    names = _SNS_NOTIFICATION if payload.get("Type") == "Notification" else _SNS_QUESTION
    lines = []
    for name in names:
        value = payload.get(name)
        if isinstance(value, str):
            lines.append(f"{name}\n{value}\n")
        elif name != "Subject":
            return Lacking(f"{name!r} in the body")
    return _bytes("".join(lines))


def _php_form(given: Given) -> bytes | Lacking:
    """The form but its signature, sorted and written as PHP's serialize() does (Paddle Classic)."""
    form = {name: values[-1] for name, values in given.request.form.items()}
    if any(len(values) > 1 for values in given.request.form.values()):
        return Lacking("a form that gives each field once")  # PHP signs the last one only
    form.pop("p_signature", None)
    written = "".join(f"{_php(name)}{_php(form[name])}" for name in sorted(form))
    return _bytes(f"a:{len(form)}:{{{written}}}")


def _php(text: str) -> str:
    return f's:{len(_bytes(text))}:"{text}";'


_PLAIN: Mapping[str, Part] = {
    "body": lambda given: given.request.body,
    "timestamp": lambda given: _bytes(given.timestamp),
    "id": lambda given: _bytes(given.id),
    "secret": lambda given: _bytes(given.secret),
    "method": lambda given: _bytes(given.request.method),
    "url": lambda given: _bytes(given.request.url),
    "path": _path,
}

_BUILDERS: Mapping[str, Part] = {
    "sorted_form": _sorted_form,
    "form_or_hash": _form_or_hash,
    "readable_url": _readable_url,
    "crc32": _crc32,
    "escaped_path": _escaped_path,
    "named_headers": _named_headers,
    "named_lines": _named_lines,
    "php_form": _php_form,
}
