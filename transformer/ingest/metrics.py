"""What ingest counts, for Prometheus."""

import time
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_BOUNDS = (*map(str, map(float, _SECONDS)), "+Inf")


class IngestMetrics:
    """Counts webhooks by what became of the request; used from one event loop."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._accepted = _Accepted()
        registry.register(self._accepted)
        self._refused = Counter(
            "transformer_webhooks_refused",
            "Webhooks not accepted, by the error's code.",
            ["code"],
            registry=registry,
        )

    def start(self) -> float:
        """Note that a request has arrived."""
        return time.monotonic()

    def accepted(self, started: float) -> None:
        """Count a webhook that is held."""
        self._accepted.observe(time.monotonic() - started)

    def refused(self, code: str) -> None:
        """Count a webhook that is not."""
        self._refused.labels(code).inc()


class _Accepted(Collector):
    """Counts accepted webhooks by how long they took.

    The library's own histogram takes a lock and walks its buckets, for threads that are not here:
    it cost as much as parsing the webhook.
    """

    def __init__(self) -> None:
        self._by_bound = [0] * len(_BOUNDS)
        self._seconds = 0.0

    def observe(self, seconds: float) -> None:
        self._by_bound[bisect_left(_SECONDS, seconds)] += 1
        self._seconds += seconds

    def collect(self) -> Iterator[Metric]:
        counts = list(accumulate(self._by_bound))
        yield CounterMetricFamily(
            "transformer_webhooks_accepted", "Webhooks answered 201.", value=counts[-1]
        )
        yield HistogramMetricFamily(
            "transformer_accept_seconds",
            "From a webhook's last byte to the answer 201.",
            buckets=list(zip(_BOUNDS, counts, strict=True)),
            sum_value=self._seconds,
        )
