import json
from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.results import Measured, Peer, write


def rate(*samples: float, name: str = "x.per_s", at_least: float | None = None) -> Measured:
    peer = Peer("the other one", 50, at_least)
    return Measured(name, "events/s", "higher", samples, target=100, peers=[peer])


def test_a_figure_is_met_by_its_median() -> None:
    assert rate(90, 100, 400).met
    assert not rate(90, 99, 400).met


def test_a_ratio_that_is_missed_misses_the_figure() -> None:
    assert rate(100, at_least=2).met
    assert not rate(100, at_least=2.1).met
    assert "target 2.1  MISSED" in rate(100, at_least=2.1).lines()


def test_figures_that_were_not_measured_again_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "PLACE", tmp_path / "results.json")
    write([rate(1, name="a"), rate(2, name="b")])
    write([rate(3, name="c"), rate(4, name="a")])
    rows = json.loads((tmp_path / "results.json").read_text())["results"]
    assert [(row["name"], row["value"]) for row in rows] == [("a", 4), ("b", 2), ("c", 3)]
