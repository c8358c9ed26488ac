"""Webhooks whose way is traced: the same as all others, with a span from arrival to answer."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import orjson

from transformer.ingest.accept import Acceptor
from transformer.ingest.app import Inbound, Reply
from transformer.ingest.metrics import IngestMetrics
from transformer.traces import Traces

_ACCEPTED = 201


class TracedInbound(Inbound):
    """Receives webhooks and makes a span of each; stands in web where traces are on."""

    def __init__(
        self, acceptor: Acceptor, *, max_body_bytes: int, metrics: IngestMetrics, traces: Traces
    ) -> None:
        super().__init__(acceptor, max_body_bytes=max_body_bytes, metrics=metrics)
        self._traces = traces

    def take(
        self,
        token: str,
        *,
        headers: Sequence[tuple[bytes, bytes]],
        body: bytes,
        reply: Callable[[Reply], None],
    ) -> None:
        """Accept a webhook, with the span's context among its headers."""
        carried, span = self._traces.accept(headers)
        super().take(token, headers=carried, body=body, reply=partial(self._end, span, reply))

    def _end(self, span: Any, reply: Callable[[Reply], None], answer: Reply) -> None:
        refused = answer.status != _ACCEPTED
        self._traces.end(span, orjson.loads(answer.body)["error"]["code"] if refused else "")
        reply(answer)
