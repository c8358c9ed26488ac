import pytest

from transformer.writer.times import read_time


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        pytest.param("2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.678Z", id="the stored form"),
        pytest.param("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z", id="no milliseconds"),
        pytest.param("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000Z", id="another zone"),
        pytest.param("2026-01-02T03:04:05:678Z", "2026-01-02T03:04:05.678Z", id="a third colon"),
        pytest.param("2026-01-02T03:04:05", "2026-01-02T03:04:05.000Z", id="no zone is UTC"),
        pytest.param("2026-01-02 03:04:05", "2026-01-02T03:04:05.000Z", id="a space"),
        pytest.param("2026-01-02", "2026-01-02T00:00:00.000Z", id="a date is its midnight"),
        pytest.param("01/02/2026", "2026-01-02T00:00:00.000Z", id="month first"),
        pytest.param(
            "Fri 01 02 03:04:05.+0200 2026", "2026-01-02T01:04:05.000Z", id="day, month, zone, year"
        ),
        pytest.param("2026-W01-5T03:04:05.678Z", "2026-01-02T03:04:05.678Z", id="a week's day"),
        pytest.param("0999-01-01", "0999-01-01T00:00:00.000Z", id="a year has four digits"),
    ],
)
def test_a_time_is_kept_in_one_form(given: str, stored: str) -> None:
    assert read_time(given) == stored


@pytest.mark.parametrize(
    "given",
    [
        pytest.param("yesterday", id="words"),
        pytest.param("", id="nothing"),
        pytest.param("3001-01-01T00:00:00.000Z", id="after the year 3000"),
        pytest.param("0001-01-01T00:00:00+10:00", id="before the year 1 in UTC"),
        pytest.param("2026-13-01T00:00:00.000Z", id="month 13 in the stored form"),
        pytest.param(1_700_000_000, id="an epoch"),
        pytest.param(None, id="null"),
    ],
)
def test_what_is_no_time_is_none(given: object) -> None:
    assert read_time(given) is None
