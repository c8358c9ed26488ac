"""The only place that knows Redis and RQ."""
