"""Benchmark results: printed, and written to ``benchmarks/results.json``."""

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson

PLACE = Path(__file__).parent / "results.json"


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure: the median of several runs, beside a peer measured in the same call.

    ``target`` is what we hold ourselves to; ``samples`` are the runs, so that minimum and maximum
    can be told.
    """

    name: str
    unit: str
    better: Literal["higher", "lower"]
    samples: Sequence[float]
    target: float | None = None
    peer: str = ""
    peer_value: float | None = None
    notes: dict[str, float] = field(default_factory=dict)

    @property
    def value(self) -> float:
        """The median."""
        return statistics.median(self.samples)

    @property
    def met(self) -> bool:
        """Whether the median reaches the target; true where there is none."""
        if self.target is None:
            return True
        return self.value >= self.target if self.better == "higher" else self.value <= self.target

    def as_json(self) -> dict[str, Any]:
        """Give the row of the results file."""
        row: dict[str, Any] = {
            key: value for key, value in asdict(self).items() if value not in (None, "", {})
        }
        row["samples"] = [round(sample, 3) for sample in self.samples]
        row["value"] = round(self.value, 3)
        row["min"], row["max"] = round(min(self.samples), 3), round(max(self.samples), 3)
        if self.peer_value:
            row["peer_value"] = round(self.peer_value, 3)
            row["ratio"] = round(self.value / self.peer_value, 3)
        return row

    def line(self) -> str:
        """Write the figure as one line."""
        target = "" if self.target is None else f"  target {self.target:g}"
        verdict = "" if self.target is None else ("  met" if self.met else "  MISSED")
        peer = "" if not self.peer_value else f"  ({self.peer}: {self.peer_value:,.1f})"
        return (
            f"{self.name:<28}{self.value:>12,.2f} {self.unit:<12}"
            f"min {min(self.samples):,.2f} max {max(self.samples):,.2f}{target}{verdict}{peer}"
        )


def write(results: Sequence[Measured]) -> None:
    """Write the results file."""
    document = {
        "machine": {
            "cpus": os.cpu_count(),
            "machine": platform.machine(),
            "python": platform.python_version(),
            "system": platform.system(),
        },
        "results": [result.as_json() for result in results],
    }
    PLACE.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
