"""Requests as the bytes that go over the wire, built before anything is measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from transformer.errors import UsageError


class Prepared(NamedTuple):
    """A request as the bytes that go over the wire."""

    data: bytes
    label: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go, taken from a URL."""

    host: str
    port: int
    path: str
    authority: str
    secure: bool


def read_target(url: str) -> Target:
    """Take a URL apart.

    Raises:
        UsageError: it is no http or https URL.
    """
    hint = "Give the whole URL, such as http://127.0.0.1:8000/in/TOKEN."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"{url} is not a URL: {error}.", hint=hint) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{url} is not an http or https URL.", hint=hint)
    secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if any(not "!" <= character <= "~" for character in path):
        raise UsageError(f"The path of {url} holds characters that must be encoded.", hint=hint)
    return Target(
        host=parts.hostname,
        port=port or (443 if secure else 80),
        path=path,
        authority=parts.netloc.rpartition("@")[2],
        secure=secure,
    )


def prepare(
    target: Target, body: bytes, headers: Mapping[str, str], *, label: str = ""
) -> Prepared:
    """Build a POST request.

    Raises:
        UsageError: a header cannot be sent.
    """
    own = {"user-agent": "transformer", "content-type": "application/json"}
    merged = own | {name.lower(): value for name, value in headers.items()}
    merged |= {"host": target.authority, "content-length": str(len(body))}
    merged.pop("transfer-encoding", None)  # the bytes are sent as they are
    merged.pop("connection", None)
    lines = [f"POST {target.path} HTTP/1.1"]
    for name, value in merged.items():
        if not name or any(c in name + value for c in "\r\n\0") or ":" in name or " " in name:
            raise UsageError(
                f"The header {name!r} with the value {value!r} cannot be sent.",
                hint="A header is a name and one line of text.",
            )
        lines.append(f"{name}: {value}")
    head = "\r\n".join(lines) + "\r\n\r\n"
    try:
        return Prepared(head.encode("latin-1") + body, label)
    except UnicodeEncodeError as error:
        raise UsageError(
            "A header holds characters outside Latin-1.", hint="Percent-encode its value."
        ) from error
