"""I1, I2, I4 to I7 under random kills: the short form of `make soak`, with a seed of its own each time.

The seed is in the failure; `python -m tests.crash.soak --webhooks 1500 --kills 20 --seed N` repeats it.
"""

import secrets
from pathlib import Path

import pytest

from tests.crash.soak import Plan, main, soak


def test_i4_nothing_is_lost_or_repeated_or_overtakes_while_everything_is_killed_at_random(
    tmp_path: Path,
) -> None:
    # Settle a batch in reverse, or answer before the append (I7 and I4 of mechanisms.py), to see this
    # fail. Between commit and trim lie two milliseconds, which twenty kills hardly ever meet: such
    # windows are what test_stopped_at_a_point.py is for.
    plan = Plan(
        webhooks=1_500,
        kills=20,
        transformations=20,
        seed=secrets.randbelow(1_000_000),
        most_seconds=120,
    )
    report = soak(plan, tmp_path)
    assert report.breaches == [], f"{plan}: {report}"
    assert sum(report.kills.values()) == plan.kills


def test_a_soak_with_a_breach_ends_with_1_and_keeps_its_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = f"--in={tmp_path}"
    given = ["--webhooks=20", "--kills=1", "--transformations=2", "--seed=1", "--most-seconds=0"]
    assert main([*given, place]) == 1
    shown = capsys.readouterr().out
    assert "not done: after 0 s" in shown
    (kept,) = tmp_path.iterdir()
    assert str(kept) in shown.replace("\n", "")
    assert (kept / "data" / "transformer.db").exists()
