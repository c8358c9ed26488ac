"""HTTP on the wire: uvicorn's protocol, with a short way for webhooks and an end to what is borne.

A webhook that has arrived whole goes to ingest as a function call and is answered with one write.
By ASGI it would cost a task, three messages and two writes, more than all that accept does for it.
Everything else (the API, pipelined requests) goes uvicorn's way.

Neither uvicorn nor its parser bounds the head of a request, or how long a sender may take for it;
whoever can reach the port can send one: what is too much must be refused here, before anything
looks at it.
"""

import asyncio
from functools import lru_cache
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from transformer.errors import (
    HeadTooLarge,
    RequestTooSlow,
    TooManyConnections,
    TransformerError,
)
from transformer.ingest.app import INBOUND, Inbound, Reply
from transformer.ingest.connections import Connections

MOST_HEAD_BYTES = 65_536
MOST_HEADERS = 256

# A request may be on its way while we are told to stop: an idle connection hears of it in the answer
# to its next request, if there is one within this time, instead of by a reset.
_LINGER_S = 0.3

_INBOUND = INBOUND.encode()
_LENGTH = b"content-length"


class WebhookProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        inbound: Inbound,
        connections: Connections,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._inbound = inbound
        self._connections = connections
        self._head_is_open = False
        self._head_received = 0
        self._refusal: TransformerError | None = None
        self._is_leaving = False
        self.wire: asyncio.Transport
        self.arriving_since: float | None = None
        self.idle_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; ASGI's answers are written with the transport that joins writes."""
        super().connection_made(cast("asyncio.Transport", _JoiningTransport(transport, self.loop)))
        self.wire = transport
        self._connections.add(self)
        self.arriving_since = self.loop.time()
        if self._connections.is_full:
            self._refuse(_too_many("More connections are open"))

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._connections.discard(self)
        self.arriving_since = self.idle_since = None
        exchange = self._current
        if isinstance(exchange, _Exchange) and exchange.is_arriving:
            exchange.forget()
            self._inbound.left()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; a head that does not end is refused, however it is cut into pieces."""
        if self._refusal is not None:
            return
        self.idle_since = None
        self._head_received += len(data)
        super().data_received(data)
        if not self._head_is_open:
            self._head_received = 0
        elif self._head_received > MOST_HEAD_BYTES and self._refusal is None:
            self._refuse(_head_too_large())

    def on_message_begin(self) -> None:
        """Begin a head; what ASGI needs is made when it is known that it is needed."""
        self._head_is_open = True
        self.arriving_since = self.loop.time()
        self.url = b""
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what it means is looked at when all are there."""
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """End a head, unless it holds too much, and choose the way of the request."""
        self._head_is_open = False
        if len(self.headers) > MOST_HEADERS or (
            # Only then is it worth counting: a webhook of a few kilobytes comes with its head.
            self._head_received > MOST_HEAD_BYTES and self._head_bytes() > MOST_HEAD_BYTES
        ):
            # The parser stops at an exception, and has the answer sent with send_400_response.
            self._refusal = _head_too_large()
            raise self._refusal
        token = self._webhook_token()
        if token is None:
            url, headers = self.url, self.headers
            super().on_message_begin()
            self.url, self.headers, self.scope["headers"] = url, headers, headers
            self.expect_100_continue = self._expects_continue()
            super().on_headers_complete()
            return
        keep_alive = self.parser.should_keep_alive() and not self._is_leaving
        exchange = _Exchange(self, self._connections, token, keep_alive=keep_alive)
        self.cycle = cast("RequestResponseCycle", exchange)
        if self._connections.holds_too_much:
            exchange.write(self._inbound.refuse(_too_many("More bodies are arriving")))
        elif self._expects_continue():
            self._answer_expectation(exchange)

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body."""
        exchange = self._current
        if not isinstance(exchange, _Exchange):
            super().on_body(body)
            return
        if exchange.response_complete:
            return
        exchange.take(body)
        if exchange.size > self._inbound.max_body_bytes:
            exchange.write(self._inbound.refuse(self._inbound.too_large(exchange.size)))

    def on_message_complete(self) -> None:
        """Hand over a webhook that has arrived whole."""
        self.arriving_since = None
        exchange = self._current
        if not isinstance(exchange, _Exchange):
            super().on_message_complete()
            return
        if exchange.response_complete:
            return
        body = exchange.finish()
        self._inbound.take(exchange.token, headers=self.headers, body=body, reply=exchange.write)

    def on_response_complete(self) -> None:
        """Go on with what was pipelined, or wait for the next request."""
        if self.pipeline:
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()
            self.idle_since = self.loop.time()
            if self._is_leaving:
                self.transport.close()

    def shutdown(self) -> None:
        """Answer what has been sent, and close."""
        self._is_leaving = True
        exchange = self._current
        if exchange is not None and not exchange.response_complete:
            exchange.keep_alive = False
        else:
            self.loop.call_later(_LINGER_S, self._close_unless_busy)

    def give_up(self) -> None:
        """Answer that the request took too long, and close."""
        exchange = self._current
        if exchange is None or exchange.response_complete:
            self._refuse(_too_slow())
        elif isinstance(exchange, _Exchange):
            exchange.keep_alive = False
            exchange.write(self._inbound.refuse(_too_slow()))
        else:
            self.transport.close()  # ASGI is told that the sender left

    def close_idle(self) -> None:
        """Close a connection on which nothing comes."""
        self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request that we take, and close."""
        if self._refusal is None:
            super().send_400_response(msg)
            return
        self._refuse(self._refusal)

    def _refuse(self, error: TransformerError) -> None:
        self._refusal = error
        reply = self._inbound.refuse(error)
        self.transport.write(
            _head(reply.status, reply.headers, len(reply.body), close=True) + reply.body
        )
        self.transport.close()

    def _webhook_token(self) -> str | None:
        """Give the token if the request is a webhook that can go the short way."""
        exchange = self._current
        if (
            (exchange is not None and not exchange.response_complete)
            or not self.url.startswith(_INBOUND)
            or self.parser.get_method() != b"POST"
            or self.parser.should_upgrade()
            or self.flow.write_paused
        ):
            return None
        token = self.url[len(_INBOUND) :].partition(b"?")[0].decode("ascii", "replace")
        return None if "/" in token or "%" in token else token

    def _expects_continue(self) -> bool:
        return (b"expect", b"100-continue") in self.headers

    def _answer_expectation(self, exchange: "_Exchange") -> None:
        size = max((int(value) for name, value in self.headers if name == _LENGTH), default=0)
        if size > self._inbound.max_body_bytes:
            exchange.write(self._inbound.refuse(self._inbound.too_large(size)))
        else:
            self.wire.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _close_unless_busy(self) -> None:
        exchange = self._current
        if self.arriving_since is None and (exchange is None or exchange.response_complete):
            self.transport.close()

    @property
    def _current(self) -> "RequestResponseCycle | _Exchange | None":
        # What uvicorn takes for its own cycle, and is None before the first request.
        return self.cycle

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)


class _Exchange:
    """A webhook that is arriving, and its answer; stands where uvicorn has its ASGI cycle."""

    __slots__ = (
        "_chunks",
        "_connections",
        "_protocol",
        "disconnected",
        "is_arriving",
        "keep_alive",
        "message_event",
        "response_complete",
        "size",
        "token",
    )

    def __init__(
        self, protocol: WebhookProtocol, connections: Connections, token: str, *, keep_alive: bool
    ) -> None:
        self._protocol = protocol
        self._connections = connections
        self._chunks: list[bytes] = []
        self.size = 0
        self.token = token
        self.keep_alive = keep_alive
        self.is_arriving = True
        self.disconnected = False
        self.response_complete = False
        self.message_event = _NOBODY

    def take(self, chunk: bytes) -> None:
        """Take a piece of the body."""
        self._chunks.append(chunk)
        self.size += len(chunk)
        self._connections.unfinished_bytes += len(chunk)

    def finish(self) -> bytes:
        """Give the body, which is held here no longer."""
        chunks = self._chunks
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        self.forget()
        return body

    def forget(self) -> None:
        """Hold nothing of the body."""
        if self.is_arriving:
            self.is_arriving = False
            self._connections.unfinished_bytes -= self.size
            self._chunks = []

    def write(self, reply: Reply) -> None:
        """Answer; a sender that has left meanwhile is not told."""
        if self.response_complete:
            return
        self.forget()
        self.response_complete = True
        protocol = self._protocol
        if self.disconnected or protocol.transport.is_closing():
            return
        close = reply.close or not self.keep_alive
        protocol.wire.write(
            _head(reply.status, reply.headers, len(reply.body), close=close) + reply.body
        )
        if close:
            protocol.transport.close()
        protocol.on_response_complete()


class _Nobody:
    """What uvicorn would tell an ASGI application that waits for a message."""

    def set(self) -> None:
        """Tell nobody."""


_NOBODY = _Nobody()


@lru_cache(maxsize=1_024)
def _head(
    status: int, headers: tuple[tuple[bytes, bytes], ...], length: int, *, close: bool
) -> bytes:
    lines = [STATUS_LINE[status]]
    lines += [b"%s: %s\r\n" % header for header in headers]
    if close:
        lines.append(b"connection: close\r\n")
    return b"".join([*lines, b"content-length: %d\r\n\r\n" % length])


def _head_too_large() -> HeadTooLarge:
    return HeadTooLarge(
        f"The request's head has more than {MOST_HEAD_BYTES} bytes or {MOST_HEADERS} headers.",
        hint="Send the webhook's data in the body.",
    )


def _too_slow() -> RequestTooSlow:
    return RequestTooSlow(
        "The request did not arrive whole in time.", hint="Send it again, all of it at once."
    )


def _too_many(what: str) -> TooManyConnections:
    return TooManyConnections(
        f"{what} at once than this server holds.",
        hint="Send again later, over connections that are kept alive.",
    )


class _JoiningTransport:
    """A transport that writes at the end of the turn, and is the real one in all else.

    uvicorn writes a response's head and body apart, and uvloop hands each to the kernel at once.
    """

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
