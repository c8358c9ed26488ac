import json
from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.__main__ import main
from benchmarks.results import Measured, Peer, percentile, summary, write


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


def test_the_summary_tells_what_was_missed_and_what_broke() -> None:
    told = summary([rate(100, name="a"), rate(99, name="b")], broken=["c"])

    assert told.splitlines()[-3:] == ["MISSED: b", "BROKE: c", "1 of 2 targets met"]


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert [percentile([4, 1, 3, 2], share) for share in (0, 0.5, 0.51, 0.99, 1)] == [1, 2, 3, 4, 4]


def test_a_benchmark_that_breaks_does_not_take_the_others_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(results, "PLACE", tmp_path / "results.json")

    def breaks(*, quick: bool) -> list[Measured]:
        raise RuntimeError(quick)

    def measures(*, quick: bool) -> list[Measured]:
        return [rate(100, name=f"quick {quick}")]

    given = {"first": breaks, "second": measures}

    assert main([], given) == 1
    rows = json.loads((tmp_path / "results.json").read_text())["results"]
    assert [row["name"] for row in rows] == ["quick False"]
    assert "BROKE: first" in capsys.readouterr().out
    assert main(["--quick", "second"], given) == 0
    assert main(["third"], given) == 2
