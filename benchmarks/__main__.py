"""Run benchmarks and write the results: ``python -m benchmarks [--quick] [NAME…]``."""

import argparse
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from benchmarks import (
    backlog,
    fairness,
    idle,
    ingest,
    latency,
    memory,
    pipeline,
    postgresql,
    replay,
    sandbox,
    stages,
    validate,
)
from benchmarks.results import PLACE, Measured, summary, write


class Benchmark(Protocol):
    """Measures some figures; ``quick`` only tries whether it works, and its figures say nothing."""

    def __call__(self, *, quick: bool) -> list[Measured]:
        """Measure."""
        ...


def always(measure: Callable[[], list[Measured]]) -> Benchmark:
    """Make a benchmark of one that has no quick way."""

    def measure_always(*, quick: bool) -> list[Measured]:  # noqa: ARG001 - there is none
        return measure()

    return measure_always


BENCHMARKS: Mapping[str, Benchmark] = {
    "validate": validate.measure,
    "sandbox": always(sandbox.measure),
    "memory": memory.measure,
    "idle": idle.measure,
    "latency": latency.measure,
    "ingest": ingest.measure,
    "pipeline": pipeline.measure,
    "postgresql": postgresql.measure,
    "backlog": backlog.measure,
    "stages": stages.measure,
    "fairness": fairness.measure,
    "replay": replay.measure,
}


def main(words: Sequence[str], benchmarks: Mapping[str, Benchmark] = BENCHMARKS) -> int:
    """Run the named benchmarks, or all.

    Returns:
        0; 1 if a target was missed or a benchmark broke; 2 if there is none of that name.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(benchmarks))
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, to try the code; nothing is written"
    )
    asked = parser.parse_args(words)
    unknown = [name for name in asked.names if name not in benchmarks]
    if unknown:
        print(f"There is no benchmark {unknown[0]!r}; there are: {', '.join(benchmarks)}.")
        return 2
    results: list[Measured] = []
    broken: list[str] = []
    for name in asked.names or benchmarks:
        started = time.monotonic()
        print(f"{name} …", flush=True)
        try:
            found = benchmarks[name](quick=asked.quick)
        except Exception:  # noqa: BLE001 - the others are measured all the same
            traceback.print_exc()
            broken.append(name)
            continue
        print(f"  took {time.monotonic() - started:.0f} s", flush=True)
        results += found
        if not asked.quick:
            write(found)  # at once: what comes later may be interrupted
    print(summary(results, broken=broken))
    print("quick: nothing is written" if asked.quick else f"written to {PLACE}")
    return 1 if broken or not all(result.met for result in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
