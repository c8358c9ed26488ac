"""Streams, marks and rescue, on a real Valkey with real RQ."""

import asyncio

import pytest
import redis

from transformer.errors import QueueUnavailable
from transformer.ids import TransformationId, new_transformation_id, new_workspace_id
from transformer.queue.appends import Append, Appender, DueDrain, StaleConfig, Wish
from transformer.queue.connection import open_append_pool, open_redis
from transformer.queue.jobs import Jobs
from transformer.queue.keys import (
    DRAINS,
    GENERATION,
    DrainKind,
    events_stream,
    mark_of,
    outcomes_stream,
)
from transformer.queue.rescue import Rescuer
from transformer.queue.streams import Entry, Fenced, Streams, after

WORKSPACE = new_workspace_id()
STREAM = events_stream(WORKSPACE, TransformationId(new_transformation_id()))
OUTCOMES = outcomes_stream(WORKSPACE)


@pytest.fixture
def streams(redis_connection: redis.Redis) -> Streams:
    return Streams(redis_connection)


@pytest.fixture
def jobs(redis_connection: redis.Redis) -> Jobs:
    return Jobs(redis_connection)


def append(streams: Streams, *names: str) -> list[DueDrain]:
    return streams.append([Append(STREAM, ("b", name)) for name in names])


def begun(streams: Streams, *names: str) -> str:
    (due,) = append(streams, *names)
    assert streams.claim(STREAM, due.job_id)
    return due.job_id


def expire_lease(connection: redis.Redis) -> None:
    connection.hset(mark_of(STREAM), "deadline", 1)


def test_the_first_append_to_an_empty_stream_makes_one_drain_due(streams: Streams) -> None:
    due = append(streams, "a", "b", "c")
    assert [one.stream for one in due] == [STREAM]


def test_an_append_to_a_stream_that_has_a_drain_makes_none_due(streams: Streams) -> None:
    append(streams, "a")
    assert append(streams, "b") == []


def test_one_append_to_two_streams_makes_both_due(streams: Streams) -> None:
    due = streams.append([Append(STREAM, ("b", "a")), Append(OUTCOMES, ("s", "x"))])
    assert {one.stream for one in due} == {STREAM, OUTCOMES}
    assert len({one.job_id for one in due}) == 2


def test_an_append_with_an_old_configuration_holds_nothing(
    streams: Streams, redis_url: str, redis_connection: redis.Redis
) -> None:
    streams.config_changed()

    async def attempt() -> None:
        appender = Appender(open_append_pool(redis_url))
        try:
            await appender.append([Wish([Append(STREAM, ("b", "a"))])], config_version="0")
        finally:
            await appender.close()

    with pytest.raises(StaleConfig):
        asyncio.run(attempt())
    assert redis_connection.xlen(STREAM) == 0


def test_a_batch_comes_in_the_order_of_its_appends(streams: Streams) -> None:
    job_id = begun(streams, "a", "b", "c")
    batch = streams.take(STREAM, job_id)
    assert [entry.fields[1] for entry in batch.entries] == [b"a", b"b", b"c"]


def test_a_batch_is_bounded_by_bytes_but_never_empty(streams: Streams) -> None:
    large = "x" * 3_000_000
    job_id = begun(streams, large, large, large)
    assert len(streams.take(STREAM, job_id).entries) == 1


def test_a_batch_taken_again_counts_another_try_of_its_first_event(streams: Streams) -> None:
    job_id = begun(streams, "a", "b")
    assert [streams.take(STREAM, job_id).tries for _ in range(3)] == [1, 2, 3]


def test_tries_count_from_one_again_once_a_batch_is_settled(streams: Streams) -> None:
    job_id = begun(streams, "a", "b")
    streams.take(STREAM, job_id)
    batch = streams.take(STREAM, job_id, most=1)
    streams.settle(
        STREAM,
        job_id,
        entries=batch.entries,
        generation=batch.generation,
        outcomes_stream=OUTCOMES,
        fields=["s", "x"],
    )
    assert streams.take(STREAM, job_id).tries == 1


def test_settling_moves_a_batch_from_events_to_outcomes(
    streams: Streams, redis_connection: redis.Redis
) -> None:
    job_id = begun(streams, "a", "b", "c")
    batch = streams.take(STREAM, job_id, most=2)
    due = streams.settle(
        STREAM,
        job_id,
        entries=batch.entries,
        generation=batch.generation,
        outcomes_stream=OUTCOMES,
        fields=["s", "x"],
    )
    assert due is not None
    assert due.stream == OUTCOMES
    assert redis_connection.xlen(OUTCOMES) == 1
    assert [entry.fields[1] for entry in streams.take(STREAM, job_id).entries] == [b"c"]


def test_i5_a_batch_that_was_settled_is_not_settled_again(
    streams: Streams, redis_connection: redis.Redis
) -> None:
    # Remove the 'gone' check of settle.lua to see this fail.
    job_id = begun(streams, "a", "b")
    batch = streams.take(STREAM, job_id, most=1)
    settle = {
        "entries": batch.entries,
        "generation": batch.generation,
        "outcomes_stream": OUTCOMES,
        "fields": ["s", "x"],
    }
    streams.settle(STREAM, job_id, **settle)  # type: ignore[arg-type]
    with pytest.raises(Fenced):
        streams.settle(STREAM, job_id, **settle)  # type: ignore[arg-type]
    assert redis_connection.xlen(OUTCOMES) == 1


def test_what_was_taken_from_another_redis_is_not_settled(
    streams: Streams, redis_connection: redis.Redis
) -> None:
    # Remove the look at the generation in settle.lua to see this fail: "b" would be gone unread.
    job_id = begun(streams, "a")
    batch = streams.take(STREAM, job_id)
    redis_connection.delete(GENERATION)
    append(streams, "b")
    later = Entry(id="9999999999999-0", fields=[])
    with pytest.raises(Fenced):
        streams.settle(
            STREAM,
            job_id,
            entries=[*batch.entries, later],
            generation=batch.generation,
            outcomes_stream=OUTCOMES,
            fields=["s", "x"],
        )
    assert redis_connection.xlen(STREAM) == 2


def test_what_was_read_from_another_redis_is_not_trimmed(
    streams: Streams, redis_connection: redis.Redis
) -> None:
    # Remove the look at the generation in trim.lua to see this fail.
    job_id = begun(streams, "a")
    batch = streams.take(STREAM, job_id)
    redis_connection.delete(GENERATION)
    with pytest.raises(Fenced):
        streams.trim(STREAM, job_id, last_id=batch.entries[-1].id, generation=batch.generation)
    assert redis_connection.xlen(STREAM) == 1


def test_a_redis_full_of_settlements_takes_no_more_of_them(
    streams: Streams, redis_connection: redis.Redis
) -> None:
    # Remove the look at the memory in settle.lua to see this fail: RQ would be left without any.
    job_id = begun(streams, "a")
    batch = streams.take(STREAM, job_id)
    streams.append([Append(OUTCOMES, ("s", "waits"))])
    used = int(redis_connection.info("memory")["used_memory"])
    redis_connection.config_set("maxmemory", int(used / 0.97))
    try:
        with pytest.raises(QueueUnavailable, match="95% full"):
            streams.settle(
                STREAM,
                job_id,
                entries=batch.entries,
                generation=batch.generation,
                outcomes_stream=OUTCOMES,
                fields=["s", "x"],
            )
    finally:
        redis_connection.config_set("maxmemory", 0)
    assert redis_connection.xlen(STREAM) == 1


def test_a_redis_beyond_its_limit_still_settles_when_nothing_is_settled_and_waits(
    streams: Streams, redis_connection: redis.Redis
) -> None:
    # Remove the first line of settle.lua to see this fail.
    job_id = begun(streams, "a")
    batch = streams.take(STREAM, job_id)
    redis_connection.config_set("maxmemory", 1)
    try:
        streams.settle(
            STREAM,
            job_id,
            entries=batch.entries,
            generation=batch.generation,
            outcomes_stream=OUTCOMES,
            fields=["s", "x"],
        )
    finally:
        redis_connection.config_set("maxmemory", 0)
    assert (redis_connection.xlen(STREAM), redis_connection.xlen(OUTCOMES)) == (0, 1)


@pytest.mark.parametrize("state", ["queued", "running"])
def test_i1_a_drain_whose_lease_a_jumping_clock_made_endless_is_rescued(
    streams: Streams, jobs: Jobs, redis_connection: redis.Redis, state: str
) -> None:
    # Remove the longest lease from rescue.lua, or from overdue(), to see this fail.
    append(streams, "a")
    an_hour_ahead = redis_connection.time()[0] * 1_000 + 3_600_000
    redis_connection.hset(mark_of(STREAM), mapping={"state": state, "deadline": an_hour_ahead})
    assert Rescuer(redis_connection, jobs).rescue() == [STREAM]


def test_i1_entries_without_a_mark_are_found_where_redis_is_another(
    streams: Streams, jobs: Jobs, redis_connection: redis.Redis
) -> None:
    # Remove remark.lua's call to see this fail.
    rescuer = Rescuer(redis_connection, jobs)
    assert rescuer.rescue() == []
    append(streams, "a")
    redis_connection.delete(mark_of(STREAM), DRAINS)
    assert rescuer.rescue() == []
    redis_connection.delete(GENERATION)
    assert rescuer.rescue() == [STREAM]


def test_a_redis_that_is_another_makes_everybody_read_the_configuration_anew(
    streams: Streams, jobs: Jobs, redis_connection: redis.Redis
) -> None:
    rescuer = Rescuer(redis_connection, jobs)
    rescuer.rescue()
    streams.config_changed()
    version = streams.config_version()
    rescuer.rescue()
    assert streams.config_version() == version
    Rescuer(redis_connection, jobs).rescue()
    assert streams.config_version() == version, "a scheduler was started again, and no Redis"
    redis_connection.delete(GENERATION)
    rescuer.rescue()
    assert streams.config_version() != version


def test_a_drain_begins_only_once(streams: Streams) -> None:
    (due,) = append(streams, "a")
    assert streams.claim(STREAM, due.job_id)
    assert not streams.claim(STREAM, due.job_id)


def test_a_drain_of_an_empty_stream_ends_without_a_trace(
    streams: Streams, redis_connection: redis.Redis
) -> None:
    job_id = begun(streams, "a")
    batch = streams.take(STREAM, job_id)
    streams.settle(
        STREAM,
        job_id,
        entries=batch.entries,
        generation=batch.generation,
        outcomes_stream=OUTCOMES,
        fields=["s", "x"],
    )
    assert streams.finish(STREAM, job_id) is None
    assert not redis_connection.exists(mark_of(STREAM))
    assert STREAM.encode() not in redis_connection.smembers(DRAINS)


def test_a_drain_that_leaves_a_backlog_hands_over_to_the_next_job(streams: Streams) -> None:
    job_id = begun(streams, "a")
    due = streams.finish(STREAM, job_id)
    assert due is not None
    assert due.job_id != job_id
    assert streams.claim(STREAM, due.job_id)


def test_i1_a_drain_whose_job_was_never_enqueued_is_rescued(
    streams: Streams, jobs: Jobs, redis_connection: redis.Redis
) -> None:
    append(streams, "a")
    expire_lease(redis_connection)
    assert Rescuer(redis_connection, jobs).rescue() == [STREAM]
    assert len(jobs.waiting(DrainKind.TRANSFORM)) == 1


def test_i1_a_drain_that_waits_its_turn_is_left_alone(
    streams: Streams, jobs: Jobs, redis_connection: redis.Redis
) -> None:
    (due,) = append(streams, "a")
    jobs.enqueue(STREAM, job_id=due.job_id)
    expire_lease(redis_connection)
    assert Rescuer(redis_connection, jobs).rescue() == []
    assert jobs.waiting(DrainKind.TRANSFORM) == {due.job_id}


def test_i1_a_drain_that_keeps_its_lease_is_left_alone(
    streams: Streams, jobs: Jobs, redis_connection: redis.Redis
) -> None:
    begun(streams, "a")
    assert Rescuer(redis_connection, jobs).rescue() == []


def test_i2_a_drain_that_was_taken_for_dead_can_neither_take_nor_settle(
    streams: Streams, jobs: Jobs, redis_connection: redis.Redis
) -> None:
    # Remove the 'fenced' check of settle.lua to see this fail.
    zombie = begun(streams, "a")
    batch = streams.take(STREAM, zombie)
    expire_lease(redis_connection)
    Rescuer(redis_connection, jobs).rescue()
    with pytest.raises(Fenced):
        streams.settle(
            STREAM,
            zombie,
            entries=batch.entries,
            generation=batch.generation,
            outcomes_stream=OUTCOMES,
            fields=["s", "x"],
        )
    with pytest.raises(Fenced):
        streams.take(STREAM, zombie)
    assert redis_connection.xlen(OUTCOMES) == 0
    assert redis_connection.xlen(STREAM) == 1


def test_i2_a_drain_that_was_taken_for_dead_cannot_end_its_successors(
    streams: Streams, jobs: Jobs, redis_connection: redis.Redis
) -> None:
    # Remove the 'fenced' check of finish.lua to see this fail.
    zombie = begun(streams, "a")
    expire_lease(redis_connection)
    Rescuer(redis_connection, jobs).rescue()
    successor = redis_connection.hget(mark_of(STREAM), "job")
    with pytest.raises(Fenced):
        streams.finish(STREAM, zombie)
    assert redis_connection.hget(mark_of(STREAM), "job") == successor


def test_i1_a_drain_that_renews_its_lease_while_rescue_looks_keeps_its_stream(
    streams: Streams, jobs: Jobs, redis_connection: redis.Redis
) -> None:
    # Remove the deadline check of rescue.lua to see this fail.
    job_id = begun(streams, "a")
    expire_lease(redis_connection)
    rescuer = Rescuer(redis_connection, jobs)
    overdue = rescuer.overdue()
    streams.take(STREAM, job_id)
    assert overdue == [(STREAM, job_id)]
    assert rescuer.rescue(overdue) == []
    assert redis_connection.hget(mark_of(STREAM), "job") == job_id.encode()


def test_a_redis_that_does_not_answer_is_unavailable() -> None:
    with pytest.raises(QueueUnavailable, match="Redis cannot be used"):
        Streams(open_redis("unix:///nowhere/redis.sock")).ping()


def test_a_redis_without_memory_refuses_and_says_so(
    streams: Streams, redis_connection: redis.Redis
) -> None:
    redis_connection.config_set("maxmemory", 1)
    try:
        with pytest.raises(QueueUnavailable, match="80% full"):
            append(streams, "a")
    finally:
        redis_connection.config_set("maxmemory", 0)


def test_what_is_accepted_gets_out_of_a_redis_that_is_almost_full(
    streams: Streams, redis_connection: redis.Redis
) -> None:
    # Remove the look at the memory in append.lua to see this fail. Nobody watches from outside.
    job_id = begun(streams, "a", "b")
    used = int(redis_connection.info("memory")["used_memory"])
    redis_connection.config_set("maxmemory", int(used / 0.9))
    try:
        assert streams.is_almost_full()
        with pytest.raises(QueueUnavailable, match="80% full"):
            append(streams, "c")
        batch = streams.take(STREAM, job_id)
        streams.settle(
            STREAM,
            job_id,
            entries=batch.entries,
            generation=batch.generation,
            outcomes_stream=OUTCOMES,
            fields=["s", "x"],
        )
        assert redis_connection.xlen(OUTCOMES) == 1
    finally:
        redis_connection.config_set("maxmemory", 0)
    assert not streams.is_almost_full()
    append(streams, "c")


@pytest.mark.parametrize(
    ("entry", "next_one"), [("5-0", "5-1"), ("1700000000000-41", "1700000000000-42")]
)
def test_the_id_behind_an_entry_is_the_next_in_sequence(entry: str, next_one: str) -> None:
    assert after(entry) == next_one


def test_a_stream_whose_drain_fails_waits_longer_each_time_up_to_a_minute(
    streams: Streams, jobs: Jobs, redis_connection: redis.Redis
) -> None:
    # Remove the power of two in postpone.lua to see this fail.
    job_id = begun(streams, "a")
    delays = []
    for _ in range(9):
        delays.append(streams.postpone(STREAM, job_id))
        assert Rescuer(redis_connection, jobs).rescue() == [], "it is not due yet"
        expire_lease(redis_connection)
        redis_connection.delete(f"rq:queue:{DrainKind.TRANSFORM.value}")  # a worker took it
        assert Rescuer(redis_connection, jobs).rescue() == [STREAM]
        job_id = job_of(redis_connection)
        assert streams.claim(STREAM, job_id)
    longest = [min(1_000 * 2**failures, 60_000) for failures in range(9)]
    for delay, most in zip(delays, longest, strict=True):
        assert most / 2 <= delay <= most


def test_a_drain_that_works_ends_the_row_of_failures(streams: Streams) -> None:
    # Leave 'failures' out of the HDEL in settle.lua to see this fail.
    job_id = begun(streams, "a", "b")
    for _ in range(5):
        streams.postpone(STREAM, job_id)
    batch = streams.take(STREAM, job_id, most=1)
    streams.settle(
        STREAM,
        job_id,
        entries=batch.entries,
        generation=batch.generation,
        outcomes_stream=OUTCOMES,
        fields=["s", "x"],
    )
    assert streams.postpone(STREAM, job_id) <= 1_000


def test_i2_a_drain_that_was_taken_for_dead_cannot_hold_its_successor_up(
    streams: Streams, jobs: Jobs, redis_connection: redis.Redis
) -> None:
    zombie = begun(streams, "a")
    expire_lease(redis_connection)
    Rescuer(redis_connection, jobs).rescue()
    assert streams.postpone(STREAM, zombie) == -1


def job_of(connection: redis.Redis) -> str:
    job_id = connection.hget(mark_of(STREAM), "job")
    assert isinstance(job_id, bytes)
    return job_id.decode()
