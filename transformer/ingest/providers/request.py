"""A request as packs look at it: headers, query and payload, each read when it is first asked for.

The body stays what arrived, for signatures are over bytes. Whatever a sender sends can be asked for
anything: what cannot be read is as if it were not there, and nothing here raises.
"""

from collections.abc import Mapping, Sequence
from email.message import Message
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

import orjson

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MOST_FIELDS = 2_000
_MOST_PARTS = 100

Fields = Mapping[str, list[str]]


class Request:
    """One HTTP request, whole.

    Args:
        method: in capitals.
        url: the URL that the sender was given, not what a proxy made of it: some sign it.
        headers: as they arrived, their names in small letters as ASGI has them; a name given twice
            counts as one value with a comma between.
        body: as it arrived.
        address: the sender's IP address, as trusted proxies tell it; empty where unknown.
    """

    __slots__ = ("_form", "_headers", "_payload", "_query", "address", "body", "method", "url")

    def __init__(
        self,
        *,
        method: str,
        url: str,
        headers: Sequence[tuple[bytes, bytes]],
        body: bytes,
        address: str = "",
    ) -> None:
        self.method = method
        self.url = url
        self.body = body
        self.address = address
        self._headers = headers
        self._query: Fields | None = None
        self._form: Fields | None = None
        self._payload: list[Any] = []

    def header(self, name: str) -> str | None:
        """Give a header's value; the name is in small letters."""
        # One or two are asked for: looking is faster than reading them all.
        wanted = name.encode("latin-1", "replace")
        values = [value for found, value in self._headers if found == wanted]
        if not values:
            return None
        return b",".join(map(bytes.strip, values)).decode("latin-1")

    def query(self, name: str) -> str | None:
        """Give the first value of a parameter of the URL."""
        values = self.url_fields.get(name)
        return values[0] if values else None

    @property
    def parts(self) -> SplitResult:
        """Take the URL apart."""
        try:
            return urlsplit(self.url)
        except ValueError:  # a bracket that no IPv6 address closes
            return SplitResult("", "", "", "", "")

    @property
    def url_fields(self) -> Fields:
        """Give the parameters of the URL."""
        if self._query is None:
            self._query = _fields(self.parts.query)
        return self._query

    @property
    def form(self) -> Fields:
        """Give the fields of a form; empty where the body is none."""
        if self._form is None:
            self._form = self._read_form()
        return self._form

    @property
    def is_form(self) -> bool:
        """Say whether the body says that it is a form."""
        return self._media_type() in (_FORM, _MULTIPART)

    @property
    def payload(self) -> Any:
        """Give the body as JSON, or a form as an object; None where it is neither."""
        if not self._payload:
            self._payload = [self._read_payload()]
        return self._payload[0]

    def _read_payload(self) -> Any:
        if self.is_form:
            return {
                name: values[0] if len(values) == 1 else values
                for name, values in self.form.items()
            }
        try:
            return orjson.loads(self.body.removeprefix(_BYTE_ORDER_MARK))
        except orjson.JSONDecodeError:
            return None

    def _read_form(self) -> Fields:
        kind = self._media_type()
        if kind == _FORM:
            return _fields(self.body.decode("utf-8", "replace"))
        if kind == _MULTIPART:
            return _multipart(self.header("content-type") or "", self.body)
        return {}

    def _media_type(self) -> str:
        return (self.header("content-type") or "").partition(";")[0].strip().lower()


def _fields(text: str) -> Fields:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def _multipart(content_type: str, body: bytes) -> Fields:
    """Read the plain fields of a multipart body; files in it are passed over."""
    boundary = _parameter(content_type, "content-type", "boundary").encode("latin-1", "replace")
    if not boundary:
        return {}
    fields: dict[str, list[str]] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary, _MOST_PARTS)[1:]:
        head, found, value = part.partition(b"\r\n\r\n")
        for line in head.decode("latin-1").split("\r\n") if found else ():
            name, _, rest = line.partition(":")
            if name.strip().lower() == "content-disposition":
                field = _parameter(rest.strip(), "content-disposition", "name")
                if field and not _parameter(rest.strip(), "content-disposition", "filename"):
                    fields.setdefault(field, []).append(value.decode("utf-8", "replace"))
    return fields


def _parameter(value: str, header: str, name: str) -> str:
    message = Message()
    message[header] = value
    try:
        found = message.get_param(name, header=header, unquote=True)
    except (ValueError, IndexError, LookupError):
        return ""
    return found if isinstance(found, str) else ""
