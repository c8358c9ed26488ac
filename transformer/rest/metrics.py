"""What the REST API counts, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter

from transformer.rest.route import RestRoute


class RestMetrics:
    """Counts calls whose key may make them, by route and status."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls = Counter(
            "transformer_rest_calls",
            "Calls of the REST API that were let in, by route and HTTP status.",
            ["route", "status"],
            registry=registry,
        )

    def answered(self, route: RestRoute, status: int) -> None:
        """Count a call."""
        self._calls.labels(f"{route.method} {route.path}", str(status)).inc()
