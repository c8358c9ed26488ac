"""Rates and backlogs: who is refused, who is not, and for how long; with a real Valkey."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.system import System, running_system
from tests.support.waiting import wait_until
from transformer.ids import TransformationId, new_source_id, new_workspace_id
from transformer.queue.appends import Append, Appender, Bucket, Crowded, Held, Wish
from transformer.queue.connection import open_append_pool, script_text
from transformer.queue.keys import events_stream, source_rate, workspace_rate
from transformer.store.workspaces import DEFAULT_WORKSPACE_ID

WORKSPACE = new_workspace_id()
STREAM = events_stream(WORKSPACE, TransformationId("trf_1"))
OTHER = events_stream(WORKSPACE, TransformationId("trf_2"))
SOURCE_RATE = source_rate(WORKSPACE, new_source_id())
WORKSPACE_RATE = workspace_rate(WORKSPACE)


def append(url: str, wishes: Sequence[Wish]) -> Held:
    async def go() -> Held:
        appender = Appender(open_append_pool(url))
        try:
            return await appender.append(wishes)
        finally:
            await appender.close()

    return asyncio.run(go())


def one(stream: str = STREAM, *, most: int = 0) -> Append:
    return Append(stream, ("b", "x"), most)


def test_what_is_over_a_rate_is_left_out_and_nothing_else(
    redis_url: str, redis_connection: redis.Redis
) -> None:
    slow, free = Wish([one()], [Bucket(SOURCE_RATE, 2)]), Wish([one(OTHER)])
    held = append(redis_url, [slow, free, slow, free, slow, free])
    assert list(held.refused) == [4]
    assert 0 < held.refused[4] <= 0.5
    assert (redis_connection.xlen(STREAM), redis_connection.xlen(OTHER)) == (2, 3)


def test_a_webhook_of_two_transformations_is_taken_by_both_or_by_none(
    redis_url: str, redis_connection: redis.Redis
) -> None:
    both = Wish([one(), one(OTHER)], [Bucket(SOURCE_RATE, 1)])
    held = append(redis_url, [both, both])
    assert list(held.refused) == [1]
    assert (redis_connection.xlen(STREAM), redis_connection.xlen(OTHER)) == (1, 1)
    assert {due.stream for due in held.due} == {STREAM, OTHER}


def test_the_stricter_of_two_rates_decides_and_the_other_is_not_charged(redis_url: str) -> None:
    strict = [Bucket(SOURCE_RATE, 1), Bucket(WORKSPACE_RATE, 3)]
    held = append(redis_url, [Wish([one()], strict)] * 5)
    assert list(held.refused) == [1, 2, 3, 4]
    others = append(redis_url, [Wish([one()], [Bucket(WORKSPACE_RATE, 3)])] * 3)
    assert list(others.refused) == [2], "one of three tokens was taken"


def test_a_bucket_is_forgotten_when_it_is_full_again(
    redis_url: str, redis_connection: redis.Redis
) -> None:
    append(redis_url, [Wish([one()], [Bucket(SOURCE_RATE, 10)])])
    assert 0 < redis_connection.pttl(SOURCE_RATE) <= 102


def test_a_clock_that_was_set_back_closes_no_bucket(
    redis_url: str, redis_connection: redis.Redis
) -> None:
    # Remove the inner math.min in admission.lua to see this fail: it waits for an hour.
    seconds, _ = redis_connection.time()
    redis_connection.set(SOURCE_RATE, (seconds + 3_600) * 1_000_000)
    held = append(redis_url, [Wish([one()], [Bucket(SOURCE_RATE, 2)])])
    assert held.refused[0] <= 0.5


def test_a_crowded_stream_takes_nothing_and_says_which_it_is(
    redis_url: str, redis_connection: redis.Redis
) -> None:
    append(redis_url, [Wish([one()])] * 3)
    with pytest.raises(Crowded) as crowded:
        append(redis_url, [Wish([one(most=3)]), Wish([one(OTHER, most=3)])])
    assert crowded.value.streams == {STREAM}
    assert redis_connection.xlen(OTHER) == 0
    append(redis_url, [Wish([one(most=4)])])


# The script's own function, at moments of our choosing: KEYS one bucket; ARGV tokens, then moments.
_AT_MOMENTS = """
local function at_moments()
  local taken = {}
  for place = 2, #ARGV do
    local moment = tonumber(ARGV[place])
    local kept = ARGV
    ARGV = {1, kept[1], kept[1]}
    if microseconds_to_wait(1, 1, moment) == 0 then
      taken[#taken + 1] = moment
    end
    ARGV = kept
    keep_buckets(moment)
    full_at = {}
  end
  return taken
end
return at_moments()
"""
MICROSECONDS = 1_000_000


@pytest.fixture(scope="module")
def connection(redis_server_url: str) -> Iterator[redis.Redis]:
    opened = redis.Redis.from_url(redis_server_url)
    yield opened
    opened.close()


def taken_at(connection: redis.Redis, rate: int, moments: Sequence[int]) -> list[int]:
    """Give the moments at which a bucket gave a token."""
    # Moments far ahead, so that no key expires in the middle of an example.
    start = 2**41 * 1_000
    connection.delete(SOURCE_RATE)
    script = "local ARGV = ARGV\n" + script_text("admission") + _AT_MOMENTS
    answer = connection.eval(script, 1, SOURCE_RATE, rate, *(start + moment for moment in moments))
    return [int(moment) - start for moment in answer]


@given(
    rate=st.integers(1, 50),
    moments=st.lists(st.integers(0, 10 * MICROSECONDS), max_size=200).map(sorted),
)
@settings(deadline=None, max_examples=60)
def test_no_window_takes_more_than_its_rate_and_one_bucket(
    connection: redis.Redis, rate: int, moments: list[int]
) -> None:
    taken = taken_at(connection, rate, moments)
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            seconds = (taken[last] - taken[first]) / MICROSECONDS
            assert last - first + 1 <= rate * seconds + rate + 1e-3


@given(rate=st.integers(1, 50), count=st.integers(1, 200))
@settings(deadline=None, max_examples=60)
def test_a_steady_sender_at_its_rate_is_never_refused(
    connection: redis.Redis, rate: int, count: int
) -> None:
    step = -(-MICROSECONDS // rate)
    moments = [step * number for number in range(count)]
    assert taken_at(connection, rate, moments) == moments


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("limits") / "data") as running:
        yield running


def source_of(system: System, url: str) -> str:
    for source in system.call("GET", "/api/sources")["sources"]:
        if source["url"] == url:
            return str(source["id"])
    raise AssertionError(url)


def test_a_source_over_its_rate_is_told_429_and_when_to_come_again(system: System) -> None:
    made, free = system.make("Limited", "return;"), system.make("Free", "return;")
    path = f"/api/sources/{source_of(system, made.url)}/limits"
    system.call("PUT", path, json={"rate_per_s": 5})
    statuses = [httpx.post(made.url, content=b"{}") for _ in range(40)]
    refused = [answer for answer in statuses if answer.status_code == 429]
    accepted = [answer for answer in statuses if answer.status_code == 201]
    assert len(refused) + len(accepted) == 40
    assert refused
    assert len(accepted) >= 5
    assert {answer.json()["error"]["code"] for answer in refused} == {"rate_limited"}
    assert {answer.headers["retry-after"] for answer in refused} == {"1"}
    assert httpx.post(free.url, content=b"{}").status_code == 201
    wait_until("all accepted are in the log", lambda: system.count(made) == len(accepted))
    system.call("PUT", path, json={"rate_per_s": None})
    assert httpx.post(made.url, content=b"{}").status_code == 201


def test_a_full_backlog_is_told_429_and_drains(tmp_path: Path) -> None:
    with running_system(tmp_path / "data", run_timeout_ms=300) as system:
        slow = system.make("Slow", "while (true) {}")
        workspace = f"/api/workspaces/{DEFAULT_WORKSPACE_ID}/limits"
        limits = {"rate_per_s": None, "backlog_limit": 3, "weight": 1}
        system.call("PUT", workspace, json=limits)
        answers = [httpx.post(slow.url, content=b"{}") for _ in range(12)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert refused[0].json()["error"]["code"] == "backlog_full"
        assert int(refused[0].headers["retry-after"]) > 0
        waiting = system.call("GET", "/api/queue")["waiting"]
        of_slow = [one for one in waiting if one["transformation_id"] == slow.id]
        assert of_slow[0]["stage"] == "transform"
        assert of_slow[0]["entries"] > 0
        assert of_slow[0]["delay_s"] > 0
        accepted = sum(answer.status_code == 201 for answer in answers)
        wait_until(
            "what was accepted is in the log",
            lambda: system.count(slow) == accepted,
            within_s=40,
        )
        assert httpx.post(slow.url, content=b"{}").status_code == 201
