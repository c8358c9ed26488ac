"""Redis was replaced, restored or failed over: the writer believes its store, and no id of old.

Each test is one writer on real neighbours. Let the writer pass by `without_repeats`, or let
`take.lua` read behind a position of whatever generation, to see them fail.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.writer_bench import Bench, counting
from transformer.clock import SystemClock, to_text
from transformer.ids import new_delivery_id


def test_entries_of_a_redis_in_the_place_of_another_are_applied_though_their_ids_are_lower(
    bench: Bench,
) -> None:
    bench.settle(counting())
    bench.write()
    bench.connection.flushall()
    bench.settle_at("1-1", counting())
    bench.settle_at("1-2", counting())
    bench.write()
    bench.settle_at("2-1", counting())
    bench.write()
    assert bench.hits() == 4


def test_a_redis_restored_from_an_older_copy_applies_nothing_twice(
    bench: Bench, tmp_path: Path
) -> None:
    before, captured = counting(), counting(verdict="captured", transformation_id=None)
    bench.settle(before, captured)
    bench.server.end()
    bench.server.copy_to(tmp_path / "copy")
    bench.server.start()
    bench.write()
    after_copy = counting()
    bench.settle(after_copy)
    bench.write()
    assert bench.hits() == 2

    bench.server.end()
    bench.server.restore_from(tmp_path / "copy")
    bench.server.start()
    # As the copy's own events stream brings it: the event transformed anew, so another delivery.
    again = counting(event_id=after_copy.event_id, accepted_at=after_copy.accepted_at)
    bench.settle(again, counting())
    bench.write()
    assert bench.hits() == 3
    assert len(bench.logged()) == 4


def test_a_redis_that_was_only_started_again_applies_what_was_not_trimmed_once(
    bench: Bench,
) -> None:
    replayed = counting(replay_of=new_delivery_id())
    first = counting()
    bench.settle(first, replayed)
    bench.write()
    # A crash between commit and trim leaves them, a replay among them.
    bench.settle(first, replayed, counting())
    bench.start_again()
    bench.write()
    assert len(bench.logged()) == 3


def test_an_event_goes_to_each_of_its_transformations_after_a_restart_too(bench: Bench) -> None:
    first = counting()
    bench.settle(first)
    bench.write()
    bench.start_again()
    other = counting(event_id=first.event_id, transformation_id="trf_" + "1" * 32)
    bench.settle(other, counting(event_id=first.event_id))
    bench.write()
    assert bench.hits() == 2


def test_an_event_that_comes_twice_in_one_batch_is_applied_once(bench: Bench) -> None:
    bench.settle(counting())
    bench.write()
    bench.start_again()
    first = counting()
    bench.settle(first, counting(event_id=first.event_id))
    bench.write()
    assert bench.hits() == 2


def test_without_a_change_of_redis_and_long_after_one_the_log_is_not_asked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def read_logged(*_: object, **__: object) -> tuple[set[str], set[tuple[str, str]]]:
        asked.append("asked")
        return set(), set()

    monkeypatch.setattr("transformer.writer.repeats.read_logged", read_logged)
    bench.settle(counting())
    bench.write()
    bench.settle(counting())
    bench.write()
    assert asked == []
    bench.start_again()
    bench.settle(counting())
    bench.write()
    assert asked == ["asked"]
    in_two_hours = to_text(SystemClock().now() + timedelta(hours=2))
    bench.settle(counting(accepted_at=in_two_hours))
    bench.write()
    assert asked == ["asked"]
