"""HTTP on the wire: uvicorn's protocol, but one write a response instead of two.

uvicorn writes a response's head and body apart, and uvloop hands each to the kernel at once. The
second system call and the second packet cost more than all that accept does for a small webhook,
on both ends of the connection.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class OneWriteProtocol(HttpToolsProtocol):
    """Joins what is written to a connection within one turn of the event loop."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin with a transport that joins writes."""
        super().connection_made(cast("asyncio.Transport", _JoiningTransport(transport, self.loop)))


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
