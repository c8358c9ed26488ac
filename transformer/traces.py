"""Traces: one event followed across processes, for OpenTelemetry (``TRANSFORMER_TRACES=otlp``).

Web begins a span for each webhook that is to be traced, a child of the sender's if it sent
``traceparent``, and puts its own in that header's place, as everybody between a sender and a receiver
does. So the context travels with the event's headers through Redis and into the store, and neither
queued event nor settlement knows of it. Worker and writer add a span for each such event of a batch.

Where traces are off there is no object to ask, and nothing of the library is imported.
"""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from transformer.errors import UsageError

Headers = Sequence[tuple[bytes, bytes]]

_NAME = b"traceparent"
_HEADER = re.compile(rb"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_CARRIED = re.compile(rb'"Traceparent":"' + _HEADER.pattern + rb'"')
# A batch of a few hundred events names its neighbours, but not without end.
_MOST_LINKS = 32


class Traces:
    """Makes the spans of one process, and sends them from a thread of its own."""

    def __init__(self, process: str) -> None:
        # They are an extra: only who wants traces needs to have them installed.
        try:
            from opentelemetry import trace  # noqa: PLC0415
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
                OTLPSpanExporter,
            )
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        except ImportError as error:
            raise UsageError(
                "TRANSFORMER_TRACES is otlp, but OpenTelemetry is not installed.",
                hint="pip install 'transformer[otel]', or set the variable to off.",
            ) from error
        self._api = trace
        resource = Resource.create({"service.name": f"transformer-{process}"})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("transformer")

    def accept(self, headers: Headers) -> tuple[Headers, Any]:
        """Begin the span of a webhook; gives its headers with the span's context, and the span.

        Who is not to be traced keeps the headers that came.
        """
        parent = None
        for name, value in headers:
            if name == _NAME and (found := _HEADER.fullmatch(value)):
                parent = self._remote(found)
        span = self._tracer.start_span("accept", context=parent, kind=self._api.SpanKind.SERVER)
        context = span.get_span_context()
        if not context.trace_flags.sampled:
            return headers, span
        own = b"00-%032x-%016x-01" % (context.trace_id, context.span_id)
        return [*(pair for pair in headers if pair[0] != _NAME), (_NAME, own)], span

    def end(self, span: Any, code: str = "") -> None:
        """End a webhook's span; ``code`` is the error's, where it was not accepted."""
        if code:
            span.set_status(self._api.StatusCode.ERROR, code)
        span.end()

    def batch(
        self, name: str, headers: Iterable[bytes], *, took_s: float, **attributes: str | int
    ) -> None:
        """Make the spans of a batch that has just ended, one in the trace of each traced event.

        Args:
            name: what was done.
            headers: those of each event, as JSON.
            took_s: how long it took, in seconds.
            attributes: what is said of the batch on each span.
        """
        found = [match for one in headers if (match := _CARRIED.search(one))]
        sampled = [match for match in found if int(match[3], 16) & 1]
        if not sampled:
            return
        ended_ns = time.time_ns()
        links = [
            self._api.Link(self._api.get_current_span(self._remote(match)).get_span_context())
            for match in sampled[:_MOST_LINKS]
        ]
        for match in sampled:
            span = self._tracer.start_span(
                name,
                context=self._remote(match),
                kind=self._api.SpanKind.CONSUMER,
                links=links if len(sampled) > 1 else (),
                start_time=ended_ns - int(took_s * 1e9),
                attributes={f"transformer.{key}": value for key, value in attributes.items()},
            )
            span.end(ended_ns)

    def close(self) -> None:
        """Send what is left, and end the thread."""
        self._provider.shutdown()

    def _remote(self, match: re.Match[bytes]) -> Any:
        context = self._api.SpanContext(
            trace_id=int(match[1], 16),
            span_id=int(match[2], 16),
            is_remote=True,
            trace_flags=self._api.TraceFlags(int(match[3], 16)),
        )
        return self._api.set_span_in_context(self._api.NonRecordingSpan(context))


def open_traces(process: str, wanted: str) -> Traces | None:
    """Make the traces of a process, or None where they are ``off``.

    Raises:
        UsageError: they are wanted, and the library is not installed.
    """
    return None if wanted == "off" else Traces(process)


@contextmanager
def closing_traces(traces: Traces | None) -> Iterator[None]:
    """Close them, if there are any, at the end of the block."""
    try:
        yield
    finally:
        if traces is not None:
            traces.close()
