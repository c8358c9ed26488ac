"""The lease of a drain in the middle of a batch, on a real Valkey; time moves when told to."""

import pytest
import redis

from tests.support.api import StillClock
from transformer.ids import new_transformation_id, new_workspace_id
from transformer.queue.appends import Append
from transformer.queue.jobs import Jobs
from transformer.queue.keys import events_stream, mark_of
from transformer.queue.lease import HOLD_S, RENEW_EVERY_S, Lease
from transformer.queue.rescue import Rescuer
from transformer.queue.streams import LEASE_MS, Streams

STREAM = events_stream(new_workspace_id(), new_transformation_id())


class Drain:
    """A drain that has begun a batch, and whose lease is about to end."""

    def __init__(self, connection: redis.Redis) -> None:
        self.connection = connection
        self.clock = StillClock()
        self.streams = Streams(connection)
        self.lease = Lease(self.streams, self.clock)
        self.rescuer = Rescuer(connection, Jobs(connection))
        (due,) = self.streams.append([Append(STREAM, ("b", "a"))])
        self.job_id = due.job_id
        assert self.streams.claim(STREAM, self.job_id)
        self.lease.take(STREAM, self.job_id)
        self.streams.take(STREAM, self.job_id)
        connection.hset(mark_of(STREAM), "deadline", 1)


@pytest.fixture
def drain(redis_connection: redis.Redis) -> Drain:
    return Drain(redis_connection)


def test_i1_a_drain_in_the_middle_of_a_long_batch_is_left_alone(drain: Drain) -> None:
    # Remove the HSET of renew.lua to see this fail.
    drain.clock.advance(LEASE_MS / 1_000)
    assert drain.lease.renew()
    assert drain.rescuer.rescue() == []


def test_i1_a_drain_that_hangs_is_rescued_though_its_process_lives(drain: Drain) -> None:
    # Renew for ever to see this fail.
    drain.clock.advance(HOLD_S + 1)
    assert not drain.lease.renew()
    assert drain.rescuer.rescue() == [STREAM]


def test_a_drain_that_goes_from_batch_to_batch_may_take_longer_than_one_batch(
    drain: Drain,
) -> None:
    drain.clock.advance(HOLD_S)
    drain.lease.step(drain.clock.monotonic())
    drain.clock.advance(RENEW_EVERY_S)
    assert drain.lease.renew()


def test_i2_a_drain_that_was_taken_for_dead_keeps_nothing_of_its_successors(drain: Drain) -> None:
    # Remove the look at the job in renew.lua to see this fail.
    drain.clock.advance(RENEW_EVERY_S)
    assert drain.rescuer.rescue() == [STREAM]
    successor = drain.connection.hgetall(mark_of(STREAM))
    assert not drain.lease.renew()
    assert drain.connection.hgetall(mark_of(STREAM)) == successor


def test_nothing_is_renewed_for_a_drain_that_has_ended(drain: Drain) -> None:
    drain.lease.give_up()
    drain.clock.advance(RENEW_EVERY_S)
    assert not drain.lease.renew()
