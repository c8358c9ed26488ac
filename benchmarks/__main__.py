"""Run every benchmark and write the results: ``python -m benchmarks [NAME…]``."""

import sys

from benchmarks import pipeline, sandbox
from benchmarks.results import PLACE, write

BENCHMARKS = {"sandbox": sandbox.measure, "pipeline": pipeline.measure}


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; exit 1 if a target was missed."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {unknown[0]!r}; there are: {', '.join(BENCHMARKS)}.")
        return 2
    results = []
    for name in names or BENCHMARKS:
        print(f"{name} …", flush=True)
        results += BENCHMARKS[name]()
    for result in results:
        print(result.lines())
    write(results)
    print(f"written to {PLACE}")
    return 0 if all(result.met for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
