"""The route ``POST /in/{token}``: plain ASGI, for it is the one route that must be fast."""

import orjson
import structlog
from starlette.types import Receive, Scope, Send

from transformer.errors import BodyTooLarge, Broken, RequestRejected, TransformerError, Unavailable
from transformer.ingest.accept import Acceptor
from transformer.ingest.metrics import IngestMetrics

INBOUND = "/in/"

_JSON = (b"content-type", b"application/json")

_log = structlog.get_logger()


class SenderLeft(Exception):
    """The sender closed the connection in the middle of its body; there is nobody to answer."""


class Inbound:
    """Receives webhooks."""

    def __init__(self, acceptor: Acceptor, *, max_body_bytes: int, metrics: IngestMetrics) -> None:
        self._acceptor = acceptor
        self._max_body_bytes = max_body_bytes
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: 201 once it is held, or the error's own status."""
        started = self._metrics.start()
        try:
            body = await self._read_body(scope, receive)
            event_id = await self._acceptor.accept(
                scope["path_params"]["token"], headers=scope["headers"], body=body
            )
        except SenderLeft:
            self._metrics.refused("sender_left")
            return
        except TransformerError as error:
            self._metrics.refused(error.code)
            await _answer_error(error, send)
            return
        except Exception:  # noqa: BLE001 - the sender must get an answer, and the log the traceback
            _log.exception("request.broke", path="/in")
            self._metrics.refused(Broken.code)
            await _answer_error(
                Broken("Something broke on our side; the webhook was not accepted."), send
            )
            return
        self._metrics.accepted(started)
        await _answer(
            send, 201, b'{"message":"success","event_id":"' + event_id.encode() + b'"}', [_JSON]
        )

    async def _read_body(self, scope: Scope, receive: Receive) -> bytes:
        for name, value in scope["headers"]:
            if name == b"content-length" and int(value) > self._max_body_bytes:
                raise self._too_large(int(value))
        message = await receive()
        body: bytes = message.get("body", b"")
        if message["type"] == "http.request" and not message.get("more_body", False):
            if len(body) > self._max_body_bytes:
                raise self._too_large(len(body))
            return body
        chunks, size = [body], len(body)
        while True:
            if message["type"] == "http.disconnect":
                raise SenderLeft
            if size > self._max_body_bytes:
                raise self._too_large(size)
            if not message.get("more_body", False):
                return b"".join(chunks)
            message = await receive()
            chunk = message.get("body", b"")
            chunks.append(chunk)
            size += len(chunk)

    def _too_large(self, size: int) -> RequestRejected:
        return BodyTooLarge(
            f"The body has {size} bytes or more; at most {self._max_body_bytes} are taken.",
            hint="Send fewer records at once, or raise TRANSFORMER_MAX_BODY_BYTES.",
        )


async def _answer_error(error: TransformerError, send: Send) -> None:
    headers = [_JSON]
    if isinstance(error, Unavailable):
        headers.append((b"retry-after", str(error.retry_after_s).encode()))
    if isinstance(error, BodyTooLarge):
        # The rest of the body is not read, so the connection cannot serve another request.
        headers.append((b"connection", b"close"))
    await _answer(send, error.status, orjson.dumps(error.as_json()), headers)


async def _answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*headers, (b"content-length", str(len(body)).encode())],
        }
    )
    await send({"type": "http.response.body", "body": body})
