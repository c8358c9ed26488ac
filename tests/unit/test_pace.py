"""How many entries make a batch: as many as fit into its time."""

import pytest

from transformer.queue.pace import BATCH_S, Pace

STREAM = "events:{wsp_1}:trf_1"


def test_a_stream_that_is_not_known_yet_gets_a_first_batch() -> None:
    assert Pace(most=256, first=16).most(STREAM) == 16


@pytest.mark.parametrize(
    ("seconds_each", "most"), [(1.0, 1), (BATCH_S, 1), (BATCH_S / 10, 10), (BATCH_S / 10_000, 256)]
)
def test_a_batch_holds_what_fits_into_its_time(seconds_each: float, most: int) -> None:
    pace = Pace(most=256, first=16)
    pace.note(STREAM, count=7, seconds=7 * seconds_each)
    assert pace.most(STREAM) == most


def test_a_stream_that_was_slow_once_is_fast_again_within_a_few_batches() -> None:
    pace = Pace(most=256, first=16)
    pace.note(STREAM, count=1, seconds=1)
    for _ in range(20):
        pace.note(STREAM, count=pace.most(STREAM), seconds=pace.most(STREAM) * 0.00005)
    assert pace.most(STREAM) == 256


def test_one_slow_stream_says_nothing_of_another() -> None:
    pace = Pace(most=256, first=16)
    pace.note(STREAM, count=1, seconds=1)
    assert pace.most("events:{wsp_2}:trf_2") == 16


def test_an_empty_batch_teaches_nothing() -> None:
    pace = Pace(most=256, first=16)
    pace.note(STREAM, count=0, seconds=1)
    assert pace.most(STREAM) == 16
