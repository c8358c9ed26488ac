"""Benchmark results: printed, and written to ``benchmarks/results.json``."""

import math
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
class Peer:
    """What something comparable reached in the same run; ``at_least`` is the ratio to reach."""

    name: str
    value: float
    at_least: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure: the median of several runs, beside peers measured in the same call.

    ``target`` is what we hold ourselves to; ``samples`` are the runs, so that minimum and maximum
    can be told.
    """

    name: str
    unit: str
    better: Literal["higher", "lower"]
    samples: Sequence[float]
    target: float | None = None
    peers: Sequence[Peer] = ()
    notes: dict[str, float] = field(default_factory=dict)

    @property
    def value(self) -> float:
        """The median."""
        return statistics.median(self.samples)

    @property
    def met(self) -> bool:
        """Whether the median reaches the target and each ratio to a peer; true where none is set."""
        return self._target_met() and all(self._ratio_met(peer) for peer in self.peers)

    @property
    def has_target(self) -> bool:
        """Whether there is anything to be met or missed."""
        return self.target is not None or any(peer.at_least is not None for peer in self.peers)

    def as_json(self) -> dict[str, Any]:
        """Give the row of the results file."""
        row: dict[str, Any] = {
            key: value for key, value in asdict(self).items() if value not in (None, (), {})
        }
        row["samples"] = [round(sample, 3) for sample in self.samples]
        row["value"] = round(self.value, 3)
        row["min"], row["max"] = round(min(self.samples), 3), round(max(self.samples), 3)
        if self.peers:
            row["peers"] = [
                {
                    "name": peer.name,
                    "value": round(peer.value, 3),
                    "ratio": round(self.value / peer.value, 3),
                    **({} if peer.at_least is None else {"ratio_target": peer.at_least}),
                }
                for peer in self.peers
            ]
        return row

    def lines(self) -> str:
        """Write the figure: one line, and one a peer and a note."""
        target = "" if self.target is None else f"  target {self.target:g}"
        verdict = "" if self.target is None else _verdict(met=self._target_met())
        spread = f"min {min(self.samples):,.2f} max {max(self.samples):,.2f}"
        lines = [f"{self.name:<30}{self.value:>12,.2f} {self.unit:<12}{spread}{target}{verdict}"]
        for peer in self.peers:
            line = f"    {self.value / peer.value:.2f} times {peer.name} ({peer.value:,.1f})"
            if peer.at_least is not None:
                line += f"  target {peer.at_least:g}{_verdict(met=self._ratio_met(peer))}"
            lines.append(line)
        lines += [f"    {name} {value:,.1f}" for name, value in self.notes.items()]
        return "\n".join(lines)

    def _target_met(self) -> bool:
        if self.target is None:
            return True
        return self.value >= self.target if self.better == "higher" else self.value <= self.target

    def _ratio_met(self, peer: Peer) -> bool:
        return peer.at_least is None or self.value / peer.value >= peer.at_least


def percentile(values: Sequence[float], share: float) -> float:
    """Give the smallest value that is not exceeded by this share (0 to 1) of all."""
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


def write(results: Sequence[Measured]) -> None:
    """Write the results file; figures that were not measured now stay as they are."""
    rows = {result.name: result.as_json() for result in results}
    held = orjson.loads(PLACE.read_bytes())["results"] if PLACE.exists() else []
    kept = [rows.pop(row["name"], row) for row in held]
    document = {
        "machine": {
            "cpus": os.cpu_count(),
            "machine": platform.machine(),
            "python": platform.python_version(),
            "system": platform.system(),
        },
        "results": [*kept, *rows.values()],
    }
    PLACE.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")


def summary(results: Sequence[Measured], *, broken: Sequence[str] = ()) -> str:
    """Write every figure, then in short what was missed and which benchmarks broke."""
    lines = [result.lines() for result in results]
    missed = [result.name for result in results if not result.met]
    if missed:
        lines.append(f"MISSED: {', '.join(missed)}")
    if broken:
        lines.append(f"BROKE: {', '.join(broken)}")
    held = [result for result in results if result.has_target]
    lines.append(f"{len(held) - len(missed)} of {len(held)} targets met")
    return "\n".join(lines)


def _verdict(*, met: bool) -> str:
    return "  met" if met else "  MISSED"
