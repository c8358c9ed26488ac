"""What the command line is given: read, or told what is wrong with it and where."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from transformer.errors import UsageError
from transformer.transformation import Destination, describe_oversize

STDIN = Path("-")

_CONTENT_TYPES = {
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".form": "application/x-www-form-urlencoded",
}


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a webhook, and where it came from."""

    name: str
    content: bytes
    content_type: str


def read_bytes(path: Path) -> bytes:
    """Read a file, or standard input for ``-``.

    Raises:
        UsageError: there is no such file, or it cannot be read.
    """
    if path == STDIN:
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}.",
            hint="Check the path; - reads standard input.",
        ) from error


def read_text(path: Path) -> str:
    """Read a file as UTF-8.

    Raises:
        UsageError: it cannot be read, or is no UTF-8.
    """
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8 text: byte {error.start} is {error.object[error.start]:#04x}.",
            hint="Save the file as UTF-8.",
        ) from error


def read_code(path: Path) -> str:
    """Read the code of a transformation.

    Raises:
        UsageError: it cannot be read, is no UTF-8, or larger than code may be.
    """
    code = read_text(path)
    oversize = describe_oversize(code)
    if oversize:
        raise UsageError(
            f"{_name(path)} is {oversize}.",
            hint="Keep only the functions that are used of what was pasted.",
        )
    return code


def read_destination(word: str) -> Destination:
    """Read the name of a destination.

    Raises:
        UsageError: there is no such destination.
    """
    try:
        return Destination(word)
    except ValueError as error:
        raise UsageError(
            f"There is no destination {word!r}.",
            hint=f"Choose one of {', '.join(Destination)}.",
        ) from error


def read_payload(path: Path, *, most_bytes: int) -> bytes:
    """Read a webhook's body that is to be run.

    Raises:
        UsageError: it cannot be read, is no JSON, or larger than a webhook may be.
    """
    content = read_bytes(path)
    if len(content) > most_bytes:
        raise UsageError(
            f"{_name(path)} is {len(content):,} bytes large, but a webhook may have at most "
            f"{most_bytes:,}.",
            hint="Try a smaller one, or raise TRANSFORMER_MAX_BODY_BYTES.",
        )
    check_json(path, content)
    return content


def check_json(path: Path, content: bytes) -> Any:
    """Parse the JSON of a file.

    Raises:
        UsageError: it is not JSON; says at which line and column.
    """
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        found = "is empty" if not content.strip() else "is not JSON"
        raise UsageError(
            f"{_name(path)} {found}: {error.msg} (line {error.lineno}, column {error.colno}).",
            hint="Give one JSON document in UTF-8.",
        ) from error


def read_headers(path: Path | None) -> dict[str, str]:
    """Read a JSON object of headers; no path is no headers.

    Raises:
        UsageError: it is not an object of strings.
    """
    if path is None:
        return {}
    headers = check_json(path, read_bytes(path))
    if not isinstance(headers, dict) or not all(isinstance(v, str) for v in headers.values()):
        raise UsageError(
            f"{path} does not hold headers.",
            hint='Give a JSON object of strings, such as {"X-Event-Type": "order.paid"}.',
        )
    return headers


def read_bodies(paths: list[Path]) -> list[Body]:
    """Read webhooks' bodies: files, the ``*.json`` of folders in order, ``-`` for standard input.

    Raises:
        UsageError: a file cannot be read or is not what its name says, or a folder has none.
    """
    bodies = []
    for path in paths:
        if path != STDIN and path.is_dir():
            found = sorted(path.glob("*.json"))
            if not found:
                raise UsageError(
                    f"The folder {path} holds no *.json.", hint="Name the files themselves."
                )
            bodies += [_read_body(file) for file in found]
        else:
            bodies.append(_read_body(path))
    return bodies


def _read_body(path: Path) -> Body:
    content = read_bytes(path)
    content_type = _CONTENT_TYPES.get(path.suffix.lower(), _CONTENT_TYPES[".json"])
    if content_type == _CONTENT_TYPES[".json"]:
        check_json(path, content)
    return Body(_name(path), content, content_type)


def _name(path: Path) -> str:
    return "Standard input" if path == STDIN else str(path)
