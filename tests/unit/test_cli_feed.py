"""The schedule of `transformer send --rate`."""

import asyncio

import pytest

from transformer.cli.feed import Due, Paced
from transformer.cli.prepared import Prepared


class Clock:
    """Time that moves when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_requests_are_due_at_a_fixed_rate_from_the_start() -> None:
    clock = Clock()
    given: list[Due | None] = []

    async def three_requests() -> None:
        feed = Paced(
            iter([Prepared(b"%d" % number) for number in range(3)]), per_second=4, clock=clock
        )
        schedule = asyncio.create_task(feed.run())
        await asyncio.sleep(0)
        for moment in (100.0, 100.2, 100.25, 101.0):
            clock.now = moment
            feed.take(given.append)
        await schedule

    asyncio.run(asyncio.wait_for(three_requests(), 10))

    # At 100.2 nothing is due: that connection rests, and what comes is given to others, or it goes
    # home when nothing is left.
    assert [due and due.due_at for due in given] == [100.0, 100.25, 100.5, None]


def test_what_nobody_was_free_for_is_given_away_late_with_its_own_moment() -> None:
    requests = [Prepared(b"%d" % number) for number in range(5)]
    given: list[Due | None] = []

    async def one_busy_connection() -> None:
        feed = Paced(iter(requests), per_second=1_000)
        schedule = asyncio.create_task(feed.run())
        await asyncio.sleep(0.05)
        assert not schedule.done()
        while not schedule.done() or len(given) < len(requests):
            feed.take(given.append)
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(one_busy_connection(), 10))

    dues = [due for due in given if due is not None]
    assert [due.request for due in dues] == requests
    moments = [due.due_at or 0 for due in dues]
    assert moments[-1] - moments[0] == pytest.approx(0.004)


def test_who_waits_for_a_request_is_told_when_none_is_left() -> None:
    given: list[Due | None] = []

    async def more_connections_than_requests() -> tuple[Due | None, Due | None]:
        feed = Paced(iter([Prepared(b"1"), Prepared(b"2")]), per_second=1_000)
        openers = [asyncio.create_task(feed.first()) for _ in range(2)]
        await asyncio.sleep(0)
        feed.take(given.append)
        await feed.run()
        first, second = [await opener for opener in openers]
        return first, second

    first, second = asyncio.run(asyncio.wait_for(more_connections_than_requests(), 10))

    # An open connection goes first, then who would have to open one; the rest goes home.
    assert given[0] is not None
    assert given[0].request == Prepared(b"1")
    assert first is not None
    assert first.request == Prepared(b"2")
    assert second is None
