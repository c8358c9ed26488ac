"""What ingest counts, for Prometheus."""

import time

from prometheus_client import CollectorRegistry, Counter, Histogram

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class IngestMetrics:
    """Counts webhooks by what became of the request."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._accepted = Counter(
            "transformer_webhooks_accepted", "Webhooks answered 201.", registry=registry
        )
        self._refused = Counter(
            "transformer_webhooks_refused",
            "Webhooks not accepted, by the error's code.",
            ["code"],
            registry=registry,
        )
        self._seconds = Histogram(
            "transformer_accept_seconds",
            "From the request's headers to the answer 201.",
            buckets=_SECONDS,
            registry=registry,
        )

    def start(self) -> float:
        """Note that a request began."""
        return time.monotonic()

    def accepted(self, started: float) -> None:
        """Count a webhook that is held."""
        self._accepted.inc()
        self._seconds.observe(time.monotonic() - started)

    def refused(self, code: str) -> None:
        """Count a webhook that is not."""
        self._refused.labels(code).inc()
