"""How often a workspace may call (braze.md §7): windows that all keys and processes share."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from tests.support.rest import rest_app
from transformer.queue.connection import open_append_pool
from transformer.queue.windows import Counted, Window, Windows

SYNC = "/users/track/sync"


def test_who_is_too_fast_is_told_when_to_come_again(tmp_path: Path, redis_url: str) -> None:
    async def call_until_refused() -> list[httpx.Response]:
        # One per cent of 500 in a minute is 5.
        async with rest_app(tmp_path, redis_url, rate_percent=1) as client:
            answers = [await client.post(SYNC, json={}) for _ in range(11)]
            # Another group has a window of its own.
            answers.append(await client.post("/users/export/ids", json={}))
            return answers

    *answers, other = asyncio.run(call_until_refused())
    # The minute may end in between, once: the next window then takes five more.
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {400, 429}
    assert statuses.count(400) <= 10
    refused = answers[statuses.index(429)]
    before = answers[statuses.index(429) - 1]
    assert before.headers["x-ratelimit-limit"] == "5"
    assert before.headers["x-ratelimit-remaining"] == "0"
    assert int(before.headers["x-ratelimit-reset"]) % 60 == 0
    assert refused.json() == {"message": "Rate limited"}
    assert 1 <= int(refused.headers["x-ratelimit-retry-after"]) <= 60
    assert "x-ratelimit-limit" not in refused.headers
    assert other.status_code == 400


def test_without_rates_nothing_is_counted_and_nothing_told(tmp_path: Path, redis_url: str) -> None:
    async def call_often() -> list[httpx.Response]:
        async with rest_app(tmp_path, redis_url, rate_percent=0) as client:
            return [await client.post(SYNC, json={}) for _ in range(20)]

    answers = asyncio.run(call_often())
    assert {answer.status_code for answer in answers} == {400}
    assert not [name for answer in answers for name in answer.headers if "ratelimit" in name]


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
