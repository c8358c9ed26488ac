"""Judging one output: parsed, held against the schemas, taken apart into operations."""

import time

from benchmarks.orders import order_output
from benchmarks.results import Measured
from transformer.transformation import Destination
from transformer.worker.check import Checker

EVENTS, ROUNDS = 20_000, 7
QUICK_EVENTS, QUICK_ROUNDS = 1_000, 2


def measure(*, quick: bool = False) -> list[Measured]:
    """Measure the time for one output of the order transformation."""
    events, rounds = (QUICK_EVENTS, QUICK_ROUNDS) if quick else (EVENTS, ROUNDS)
    outputs = [order_output(number) for number in range(events)]
    checker = Checker()
    samples = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        for output in outputs:
            _, checked = checker.read(Destination.TRACK, output)
        samples.append((time.perf_counter() - started) / events * 1e6)
        if len(checked.operations) != 2:  # noqa: PLR2004 - an attributes object and an event
            message = f"the order's output asks for {checked}"
            raise RuntimeError(message)
    return [
        # The first round warmed up.
        Measured("validate.us_per_event", "µs", "lower", samples[1:], target=15)
    ]
