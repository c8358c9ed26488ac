"""Real webhooks, recorded from real platforms; they live beside the repository, never in it."""

import os
from pathlib import Path

import pytest

PLACE = Path(
    os.environ.get(
        "TRANSFORMER_PAYLOADS",
        Path(__file__).resolve().parents[3] / "shared" / "payloads",
    )
)


def real_payloads() -> list[Path]:
    """List the files, sorted; skips the test, with the reason, where there are none."""
    files = sorted(PLACE.glob("*/*.json"))
    if not files:
        pytest.skip(f"no recorded webhooks in {PLACE}: set TRANSFORMER_PAYLOADS")
    return files
