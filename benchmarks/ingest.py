"""Accepting: webhooks that are answered 201, which means that they are on Valkey's disk.

How many can be accepted is measured with the worker, the writer and the scheduler standing still
(SIGSTOP), so that nothing is drained meanwhile: this is what a burst meets, and what web and Valkey
can do. Beside it stands what is accepted while all run and share the processors. The latency is
measured on a fixed schedule, with everything running.
"""

from benchmarks.load import requests_for, send, send_at
from benchmarks.results import Measured
from benchmarks.system import System, running_system

WEBHOOKS, ROUNDS = 50_000, 3
QUICK_WEBHOOKS, QUICK_ROUNDS = 5_000, 2
PER_SECOND = 5_000
SECONDS, QUICK_SECONDS = 10, 2


def measure(*, quick: bool = False) -> list[Measured]:
    """Measure both ways of accepting, and its latency."""
    webhooks, rounds = (QUICK_WEBHOOKS, QUICK_ROUNDS) if quick else (WEBHOOKS, ROUNDS)
    seconds = QUICK_SECONDS if quick else SECONDS
    with running_system() as system:
        alone, p99_ms, busy = [], [], []
        for _ in range(rounds):
            with system.paused():
                alone.append(_accepted_per_s(system, webhooks, "nothing drained"))
            system.wait_for(webhooks)
            busy.append(_accepted_per_s(system, webhooks, "all running"))
            system.wait_for(webhooks)
            p99_ms.append(_p99_ms(system, PER_SECOND * seconds))
        system.check_count()
    return [
        Measured("ingest.accepted_per_s", "webhooks/s", "higher", alone, target=12_000),
        Measured("ingest.accepted_per_s_while_draining", "webhooks/s", "higher", busy),
        Measured(
            "ingest.p99_ms",
            "ms",
            "lower",
            p99_ms,
            target=10,
            notes={"per_second": float(PER_SECOND)},
        ),
    ]


def _accepted_per_s(system: System, webhooks: int, how: str) -> float:
    summary = send(system.url, requests_for(system.url, system.sent, webhooks))
    print(
        f"  {how}: accepted {summary.per_second:,.0f}/s, p50 {summary.latency_ms(0.5):.1f} "
        f"p99 {summary.latency_ms(0.99):.1f} ms",
        flush=True,
    )
    return summary.per_second


def _p99_ms(system: System, webhooks: int) -> float:
    requests = requests_for(system.url, system.sent, webhooks)
    summary = send_at(system.url, requests, per_second=PER_SECOND)
    system.wait_for(webhooks)
    print(
        f"  at {PER_SECOND:,}/s: accepted in p50 {summary.latency_ms(0.5):.1f} "
        f"p99 {summary.latency_ms(0.99):.1f} p99.9 {summary.latency_ms(0.999):.1f} ms, "
        f"in {summary.seconds:.1f} s",
        flush=True,
    )
    return summary.latency_ms(0.99)
