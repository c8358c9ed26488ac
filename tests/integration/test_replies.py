"""Whoever waits for a settlement hears of it when its effects are in the store, and not before."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.support.settlements import attributes, event, make_settlement
from tests.support.writer_bench import Bench, counting, writer_bench
from transformer.stops import Stops
from transformer.store.engine import reading
from transformer.store.positions import read_position

LIST = "replies:somebody"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with writer_bench(tmp_path) as made:
        yield made


def _replies(bench: Bench) -> list[Any]:
    told: Any = bench.connection.lrange(LIST, 0, -1)
    return [orjson.loads(text) for text in told]


class _Killed(Exception):
    pass


class _KilledAt(Stops):
    """A process that ends at a point."""

    def __init__(self, point: str) -> None:
        super().__init__()
        self._point = point

    def reach(self, point: str) -> None:
        if point == self._point:
            raise _Killed


def test_a_reply_says_what_became_of_each_operation(bench: Bench) -> None:
    settlement = make_settlement(
        attributes(external_id="u1", visits="many"),
        attributes(external_id="u1", visits={"inc": 1}),
        event(external_id="u2", name="Seen", _update_existing_only=True),
        event(external_id="u1", name="Seen"),
    )
    bench.settle(replace(settlement, reply_to=LIST), counting())
    bench.write()
    [reply] = _replies(bench)
    assert reply["delivery_id"] == settlement.delivery_id
    assert (reply["state"], reply["applied"], reply["unapplied"]) == ("applied", 2, "1-2")
    assert [error["code"] for error in reply["errors"]] == ["invalid_increment"]
    assert [warning["code"] for warning in reply["warnings"]] == ["no_such_profile"]


def test_a_reply_that_nobody_fetches_goes_away(bench: Bench) -> None:
    bench.settle(replace(counting(), reply_to=LIST))
    bench.write()
    time_to_live: Any = bench.connection.ttl(LIST)
    assert 0 < time_to_live <= 60


# Sending replies before the commit, in `_apply_next` of writer/drain.py, breaks this one.
def test_nobody_hears_of_effects_that_are_not_in_the_store(bench: Bench) -> None:
    bench.settle(replace(counting(), reply_to=LIST))
    bench.writer._stops = _KilledAt("before-commit")  # noqa: SLF001 - the writer dies there
    with pytest.raises(_Killed):
        bench.write()
    assert _replies(bench) == []
    with reading(bench.engine) as connection:
        assert read_position(connection, workspace_id=counting().workspace_id) is None

    bench.writer._stops = Stops()  # noqa: SLF001 - another writer takes its place
    bench.lose_drain()
    bench.write()
    assert [reply["state"] for reply in _replies(bench)] == ["applied"]
    assert bench.hits() == 1


def test_each_settlement_of_a_batch_that_is_applied_one_by_one_is_replied_to(
    bench: Bench,
) -> None:
    # A batch that broke the writer twice is taken apart.
    first, second = counting(), counting()
    bench.settle(replace(first, reply_to=LIST), replace(second, reply_to=LIST))
    bench.writer._stops = _KilledAt("mid-transaction")  # noqa: SLF001 - the writer dies there
    for _ in range(2):
        with pytest.raises(_Killed):
            bench.write()
        bench.lose_drain()
    bench.writer._stops = Stops()  # noqa: SLF001 - another writer takes its place
    bench.write()
    assert [reply["delivery_id"] for reply in _replies(bench)] == [
        first.delivery_id,
        second.delivery_id,
    ]
