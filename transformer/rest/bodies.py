"""Reads the bodies of calls: their size, their form, their syntax."""

from collections.abc import Iterable

import orjson
from starlette.types import Receive, Scope

from transformer.errors import TooManyConnections
from transformer.ingest.app import SenderLeft
from transformer.operation import JsonObject
from transformer.rest import errors
from transformer.worker.check import is_deeper_than

# What of all bodies together may have arrived in part.
_MOST_ARRIVING_BYTES = 128 * 1_048_576


class Bodies:
    """Reads bodies, and holds no more of them at once than there is room for."""

    def __init__(self) -> None:
        self._arriving_bytes = 0

    async def read(
        self, scope: Scope, receive: Receive, *, limit: int, levels: int
    ) -> tuple[bytes, JsonObject]:
        """Give a body as it came, and parsed.

        Raises:
            Refused: 413, it is larger than ``limit`` bytes; 415, it is no JSON by its own account; 400,
                it is no JSON object, or one with more than ``levels`` levels.
            TooManyConnections: more bodies are arriving than there is room for.
            SenderLeft: the sender left in the middle of it.
        """
        headers = scope["headers"]
        length = header_of(headers, b"content-length")
        if length is not None and int(length) > limit:
            raise errors.body_too_large(limit)
        raw = await self._receive(receive, limit)
        media_type = (header_of(headers, b"content-type") or "").partition(";")[0]
        if media_type.strip().lower() != "application/json":
            raise errors.wrong_media_type()
        return raw, _parse(raw, levels)

    async def _receive(self, receive: Receive, limit: int) -> bytes:
        chunks: list[bytes] = []
        size = 0
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise SenderLeft
                chunk = message.get("body", b"")
                chunks.append(chunk)
                size += len(chunk)
                self._arriving_bytes += len(chunk)
                if size > limit:
                    raise errors.body_too_large(limit)
                if not message.get("more_body", False):
                    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
                if self._arriving_bytes > _MOST_ARRIVING_BYTES:
                    raise TooManyConnections(
                        "More bodies are arriving at once than this server holds.",
                        hint="Send again later.",
                    )
        finally:
            self._arriving_bytes -= size


def header_of(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    """Give the first header of a name, which is in lower case."""
    for found, value in headers:
        if found == name:
            return value.decode("latin-1")
    return None


def _parse(raw: bytes, levels: int) -> JsonObject:
    try:
        parsed = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise errors.bad_request(errors.NOT_JSON) from error
    if not isinstance(parsed, dict):
        raise errors.bad_request(errors.NOT_AN_OBJECT)
    # Most bodies have fewer brackets than levels are allowed, and need no walk.
    brackets = raw.count(b"{") + raw.count(b"[")
    if brackets > levels and is_deeper_than(parsed, levels):
        raise errors.bad_request(errors.TOO_DEEP)
    return parsed
