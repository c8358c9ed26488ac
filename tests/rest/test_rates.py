"""How often a workspace may call (braze.md §7): windows that all keys and processes share."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.rest import make_key, rest_client
from tests.support.system import System, running_system
from transformer.queue.connection import open_append_pool
from transformer.queue.windows import Counted, Window, Windows

TRACK = "/users/track"
VALID = {"attributes": [{"external_id": "rates", "plan": "gold"}]}


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system that takes one call of /users/track in three seconds."""
    with running_system(tmp_path_factory.mktemp("slow") / "data", rest_rate_percent=1) as running:
        yield running


def _call_until_refused(caller: httpx.Client) -> list[httpx.Response]:
    answers: list[httpx.Response] = []
    while not answers or answers[-1].status_code == 201:
        answers.append(caller.post(TRACK, json=VALID))
        assert len(answers) < 1_000
    return answers


def test_who_is_too_fast_is_told_when_to_come_again(slow: System) -> None:
    with rest_client(slow, make_key(slow)["key"]) as caller:
        *taken, refused = _call_until_refused(caller)
        assert {answer.headers["x-ratelimit-limit"] for answer in taken} == {"30"}
        assert taken[-1].headers["x-ratelimit-remaining"] == "0"
        assert (refused.status_code, refused.json()) == (429, {"message": "Rate limited"})
        assert refused.headers["x-ratelimit-retry-after"] in {"1", "2", "3"}
        assert not [name for name in refused.headers if name.startswith("x-ratelimit-l")]
        # Another key of the workspace shares the window, another group has one of its own.
        with rest_client(slow, make_key(slow)["key"]) as other:
            *_, again = _call_until_refused(other)
            assert again.status_code == 429


def _count(redis_url: str, windows: list[Window]) -> list[Counted]:
    async def count() -> list[Counted]:
        counting = Windows(open_append_pool(redis_url))
        try:
            return [await counting.count(window) for window in windows]
        finally:
            await counting.close()

    return asyncio.run(count())


def test_a_window_takes_so_many_and_no_more(redis_url: str) -> None:
    window = Window("rate:{w}:a", 3, 3_600)
    assert [counted.left for counted in _count(redis_url, [window] * 5)] == [2, 1, 0, -1, -1]


def test_a_window_of_an_hour_ends_with_the_hour(redis_url: str) -> None:
    [counted] = _count(redis_url, [Window("rate:{w}:b", 3, 3_600)])
    assert counted.ends_at_s % 3_600 == 0
    assert 0 < counted.ends_in_s <= 3_600


def test_a_new_window_counts_from_zero(redis_url: str, redis_connection: Any) -> None:
    window = Window("rate:{w}:c", 1, 3_600)
    assert [counted.left for counted in _count(redis_url, [window, window])] == [0, -1]
    # The end of the window, without waiting for it.
    assert 0 < redis_connection.pttl(window.key) <= 3_600_000
    redis_connection.delete(window.key)
    assert [counted.left for counted in _count(redis_url, [window])] == [0]


def test_a_window_without_a_limit_counts_nothing(redis_url: str, redis_connection: Any) -> None:
    window = Window("rate:{w}:d", 0, 3_600)
    assert [counted.left for counted in _count(redis_url, [window])] == [0]
    assert redis_connection.keys("rate:*") == []


def test_windows_counted_together_are_counted_apart(redis_url: str) -> None:
    async def count() -> list[Counted]:
        counting = Windows(open_append_pool(redis_url))
        windows = [Window(f"rate:{{w}}:{number % 2}", 10, 3_600) for number in range(20)]
        try:
            return await asyncio.gather(*map(counting.count, windows))
        finally:
            await counting.close()

    assert sorted(counted.left for counted in asyncio.run(count())) == sorted([*range(10)] * 2)
