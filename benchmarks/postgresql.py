"""The pipeline on PostgreSQL, which syncs each commit to the disk as SQLite does."""

import statistics

from benchmarks.pipeline import sustained
from benchmarks.results import Measured
from benchmarks.system import running_system
from tests.support.postgres_server import running_postgres

WEBHOOKS, ROUNDS = 30_000, 3
QUICK_WEBHOOKS, QUICK_ROUNDS = 3_000, 1


def measure(*, quick: bool = False) -> list[Measured]:
    """Measure throughput; PostgreSQL shares the processors with everything else."""
    webhooks, rounds = (QUICK_WEBHOOKS, QUICK_ROUNDS) if quick else (WEBHOOKS, ROUNDS)
    with (
        running_postgres(durable=True) as url,
        running_system(database_url=url) as system,
    ):
        measured = [sustained(system, webhooks) for _ in range(rounds)]
        system.check_count()
    accepted = statistics.median(accepted for _, accepted, _ in measured)
    return [
        Measured(
            "pipeline.postgresql_webhooks_per_s",
            "webhooks/s",
            "higher",
            [rate for rate, _, _ in measured],
            notes={"accepted_per_s": round(accepted, 1)},
        )
    ]
