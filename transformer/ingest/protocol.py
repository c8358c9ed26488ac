"""HTTP on the wire: uvicorn's protocol, with one write a response and an end to what heads may hold.

uvicorn writes a response's head and body apart, and uvloop hands each to the kernel at once. The
second system call and the second packet cost more than all that accept does for a small webhook,
on both ends of the connection.

Neither uvicorn nor its parser bounds the head of a request, and whoever can reach the port can send
one: it must be refused here, before anything looks at it.
"""

import asyncio
from typing import Any, cast

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from transformer.errors import HeadTooLarge

MOST_HEAD_BYTES = 65_536
MOST_HEADERS = 256


class OneWriteProtocol(HttpToolsProtocol):
    """Joins what is written to a connection within one turn of the loop, and bounds heads."""

    _head_is_open = False
    _head_received = 0
    _refusal: HeadTooLarge | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin with a transport that joins writes."""
        super().connection_made(cast("asyncio.Transport", _JoiningTransport(transport, self.loop)))

    def data_received(self, data: bytes) -> None:
        """Take bytes; a head that does not end is refused, however it is cut into pieces."""
        if self._refusal is not None:
            return
        self._head_received += len(data)
        super().data_received(data)
        if not self._head_is_open:
            self._head_received = 0
        elif self._head_received > MOST_HEAD_BYTES and self._refusal is None:
            self._refusal = _too_large()
            self.send_400_response("")

    def on_message_begin(self) -> None:
        """Begin a head."""
        self._head_is_open = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """End a head, unless it holds too much."""
        self._head_is_open = False
        if len(self.headers) > MOST_HEADERS or (
            # Only then is it worth counting: a webhook of a few kilobytes comes with its head.
            self._head_received > MOST_HEAD_BYTES and self._head_bytes() > MOST_HEAD_BYTES
        ):
            # The parser stops at an exception, and has the answer sent with send_400_response.
            self._refusal = _too_large()
            raise self._refusal
        super().on_headers_complete()

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request that we take, and close."""
        if self._refusal is None:
            super().send_400_response(msg)
            return
        body = orjson.dumps(self._refusal.as_json())
        self.transport.write(
            b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
            b"content-type: application/json\r\nconnection: close\r\n"
            b"content-length: %d\r\n\r\n%s" % (len(body), body)
        )
        self.transport.close()


def _too_large() -> HeadTooLarge:
    return HeadTooLarge(
        f"The request's head has more than {MOST_HEAD_BYTES} bytes or {MOST_HEADERS} headers.",
        hint="Send the webhook's data in the body.",
    )


class _JoiningTransport:
    """A transport that writes at the end of the turn, and is the real one in all else."""

    __slots__ = ("_loop", "_pending", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._pending: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._pending:
            self._loop.call_soon(self._flush)
        self._pending.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def _flush(self) -> None:
        if self._pending:
            data, self._pending = b"".join(self._pending), []
            self._transport.write(data)
