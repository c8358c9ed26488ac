"""The route ``POST /in/{token}``: what a webhook is answered, whichever way it came in.

The protocol (``protocol.py``) hands whole webhooks over without ASGI, which costs more than all else
that accepting does; as an ASGI application the route serves what is left, pipelined requests and
other servers, by the same path.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import orjson
import structlog
from starlette.types import Receive, Scope, Send

from transformer.errors import (
    BodyTooLarge,
    Broken,
    RequestRejected,
    TooMany,
    TransformerError,
    Unavailable,
)
from transformer.ids import EventId
from transformer.ingest.accept import Acceptor
from transformer.ingest.metrics import IngestMetrics

INBOUND = "/in/"

_JSON = (b"content-type", b"application/json")

_log = structlog.get_logger()


class Reply(NamedTuple):
    """What a request is answered; ``headers`` lack the length. ``close``: nothing more is read."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = (_JSON,)
    close: bool = False


class SenderLeft(Exception):
    """The sender closed the connection in the middle of its body; there is nobody to answer."""


class Inbound:
    """Receives webhooks; used from one event loop."""

    def __init__(self, acceptor: Acceptor, *, max_body_bytes: int, metrics: IngestMetrics) -> None:
        self._acceptor = acceptor
        self._metrics = metrics
        self.max_body_bytes = max_body_bytes

    def take(
        self,
        token: str,
        *,
        headers: Sequence[tuple[bytes, bytes]],
        body: bytes,
        reply: Callable[[Reply], None],
    ) -> None:
        """Accept a webhook that has arrived whole; ``reply`` is called once, with its answer."""
        answered = partial(self._answered, reply, self._metrics.start())
        try:
            self._acceptor.accept(token, headers=headers, body=body, answer=answered)
        except Exception:  # noqa: BLE001 - the sender must get an answer, and the log the traceback
            _log.exception("request.broke", path="/in")
            answered(Broken("Something broke on our side; the webhook was not accepted."))

    def refuse(self, error: TransformerError) -> Reply:
        """Give the answer of a webhook that is not accepted, and count it."""
        self._metrics.refused(error.code)
        headers: tuple[tuple[bytes, bytes], ...] = (_JSON,)
        if isinstance(error, Unavailable | TooMany):
            headers += ((b"retry-after", str(error.retry_after_s).encode()),)
        return Reply(
            error.status,
            orjson.dumps(error.as_json()),
            headers,
            # The rest of the body is not read, so the connection cannot serve another request.
            close=isinstance(error, BodyTooLarge),
        )

    def left(self) -> None:
        """Count a sender that went away in the middle of its body."""
        self._metrics.refused("sender_left")

    def too_large(self, size: int) -> RequestRejected:
        """Make the error of a body that is too large."""
        return BodyTooLarge(
            f"The body has {size} bytes or more; at most {self.max_body_bytes} are taken.",
            hint="Send fewer records at once, or raise TRANSFORMER_MAX_BODY_BYTES.",
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: 201 once it is held, or the error's own status."""
        replied: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        try:
            body = await self._read_body(scope, receive)
        except SenderLeft:
            self.left()
            return
        except TransformerError as error:
            replied.set_result(self.refuse(error))
        else:
            self.take(
                scope["path_params"]["token"],
                headers=scope["headers"],
                body=body,
                reply=partial(_resolve, replied),
            )
        reply = await replied
        length = (b"content-length", str(len(reply.body)).encode())
        headers = [*reply.headers, length]
        if reply.close:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    def _answered(
        self, reply: Callable[[Reply], None], started: float, answer: EventId | TransformerError
    ) -> None:
        if isinstance(answer, TransformerError):
            reply(self.refuse(answer))
            return
        self._metrics.accepted(started)
        reply(Reply(201, b'{"message":"success","event_id":"' + answer.encode() + b'"}'))

    async def _read_body(self, scope: Scope, receive: Receive) -> bytes:
        for name, value in scope["headers"]:
            if name == b"content-length" and int(value) > self.max_body_bytes:
                raise self.too_large(int(value))
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise SenderLeft
            chunk = message.get("body", b"")
            chunks.append(chunk)
            size += len(chunk)
            if size > self.max_body_bytes:
                raise self.too_large(size)
            if not message.get("more_body", False):
                return b"".join(chunks)


def _resolve(replied: asyncio.Future[Reply], reply: Reply) -> None:
    if not replied.done():  # the request may have been cancelled
        replied.set_result(reply)
