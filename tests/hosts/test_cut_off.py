"""Each machine in turn is cut off from all others, in the middle of work, and comes back.

What must hold is always the same: every webhook that was answered 201 is in the log exactly once,
was counted exactly once, and has its effect in the order in which it was accepted (I2, I4 to I7).
No process is started again.

Remove both comparisons in settle.lua to see the first test fail, what store/engine.py sets in
PostgreSQL to see the second, and the loop in queue/jobs.py to see the last.
"""

import signal
import time
from collections.abc import Iterator

import pytest

from tests.hosts.cluster import NO_ANSWER, Cluster, Sending, running_cluster
from tests.support import network
from tests.support.settlements import WORKSPACE
from tests.support.system import Made
from tests.support.waiting import wait_until
from transformer.cli.sender import CREATED
from transformer.ids import TransformationId
from transformer.ingest.routes import _OLDEST_S
from transformer.queue.keys import events_stream, outcomes_stream

UNAVAILABLE = 503
PEOPLE = 5

# The loop takes a few milliseconds, so that there is a middle of a batch to be caught in.
COUNTING = """
for (let spin = 0; spin < 100000; spin++) {}
return { attributes: [
  { external_id: `${context.transformation.id}-${payload.number % 5}`, hits: { inc: 1 },
    seen: { add: [String(payload.number)] }, _update_existing_only: false },
] };
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    if lacking := network.missing():
        pytest.skip(lacking)
    with running_cluster(tmp_path_factory.mktemp("hosts")) as running:
        yield running


@pytest.fixture(autouse=True)
def all_are_the_same_processes(cluster: Cluster) -> Iterator[None]:
    yield
    ended = [name for name, one in cluster.machines.items() if one.process.poll() is not None]
    assert ended == []


def assert_exactly_once_and_in_order(cluster: Cluster, made: Made, sending: Sending) -> None:
    wait_until(
        "every accepted webhook is in the log",
        lambda: set(sending.events.values()) <= cluster.logged_events(made).keys(),
        within_s=60,
    )
    wait_until("nothing waits", lambda: not cluster.redis.scard("drains"), within_s=60)
    logged = cluster.logged_events(made)
    assert set(logged.values()) == {1}, "an event was delivered twice"
    profiles = [cluster.attributes(f"{made.id}-{person}") for person in range(PEOPLE)]
    assert sum(profile["hits"] for profile in profiles) == len(logged)
    for person, profile in enumerate(profiles):
        # What got no answer may have been heard, and late: its sender does not know either.
        accepted = [int(number) for number in profile["seen"] if int(number) in sending.events]
        assert accepted == sorted(number for number in sending.events if number % PEOPLE == person)


def test_a_worker_cut_off_in_the_middle_of_a_batch_is_fenced_and_works_again(
    cluster: Cluster,
) -> None:
    made = cluster.make("A worker is cut off", COUNTING)
    stream = events_stream(WORKSPACE, TransformationId(made.id))
    with cluster.sending(made) as sending:
        zombie = cluster.stop_inside(
            lambda name: cluster.works_on(name, stream), "worker-1", "worker-2"
        )
        zombie.host.cut_off()
        at_most = cluster.count(made)
        wait_until("the others go on", lambda: cluster.count(made) > at_most + 20, within_s=40)
        fenced = zombie.logged("drain.fenced")
        zombie.host.rejoin()
        zombie.process.send_signal(signal.SIGCONT)
        wait_until("it is fenced", lambda: zombie.logged("drain.fenced") > fenced, within_s=40)
        wait_until(
            "it works again", lambda: cluster.works_on(zombie.host.name, stream), within_s=40
        )
    assert set(sending.statuses) == {CREATED}
    assert_exactly_once_and_in_order(cluster, made, sending)


def test_a_writer_cut_off_in_the_middle_of_a_transaction_writes_nothing_and_works_again(
    cluster: Cluster,
) -> None:
    made = cluster.make("A writer is cut off", COUNTING)
    with cluster.sending(made) as sending:
        zombie = cluster.stop_inside(cluster.has_begun_to_write, "writer-1", "writer-2")
        zombie.host.cut_off()
        at_most = cluster.count(made)
        wait_until("the other goes on", lambda: cluster.count(made) > at_most + 20, within_s=40)
        zombie.host.rejoin()
        zombie.process.send_signal(signal.SIGCONT)
        wait_until(
            "it works again",
            lambda: cluster.works_on(zombie.host.name, outcomes_stream(WORKSPACE)),
            within_s=40,
        )
    assert set(sending.statuses) == {CREATED}
    assert_exactly_once_and_in_order(cluster, made, sending)


def test_a_web_that_is_cut_off_loses_nothing_that_it_acknowledged(cluster: Cluster) -> None:
    made = cluster.make("Web is cut off", COUNTING)
    with cluster.sending(made, patience_s=2.0) as sending:
        sending.wait_for(CREATED, more=20)
        cluster.hosts["web"].cut_off()
        sending.wait_for(NO_ANSWER)
        cluster.hosts["web"].rejoin()
        sending.wait_for(CREATED, more=20)
    assert_exactly_once_and_in_order(cluster, made, sending)


def test_while_redis_is_cut_off_senders_are_told_to_come_again(cluster: Cluster) -> None:
    made = cluster.make("Redis is cut off", COUNTING)
    with cluster.sending(made) as sending:
        sending.wait_for(CREATED, more=20)
        cluster.hosts["redis"].cut_off()
        # So many take longer than the waits that each process has for an answer and for a new
        # connection, one after the other.
        sending.wait_for(UNAVAILABLE, more=3)
        cluster.hosts["redis"].rejoin()
        sending.wait_for(CREATED, more=20)
        wait_until_workers_work(cluster, made)
    assert sending.retry_after == {"2"}
    assert_exactly_once_and_in_order(cluster, made, sending)


def test_while_postgresql_is_cut_off_webhooks_are_accepted(cluster: Cluster) -> None:
    made = cluster.make("PostgreSQL is cut off", COUNTING)
    with cluster.sending(made) as sending:
        sending.wait_for(CREATED, more=20)
        cluster.hosts["postgres"].cut_off()
        # Longer than routes are believed without a look at the database.
        until = time.monotonic() + 2 * _OLDEST_S
        while time.monotonic() < until:
            sending.wait_for(CREATED, more=20)
        cluster.hosts["postgres"].rejoin()
        sending.wait_for(CREATED, more=20)
        wait_until_workers_work(cluster, made)
    assert set(sending.statuses) == {CREATED}
    assert_exactly_once_and_in_order(cluster, made, sending)


def wait_until_workers_work(cluster: Cluster, made: Made) -> None:
    stream = events_stream(WORKSPACE, TransformationId(made.id))
    for name in ("worker-1", "worker-2"):
        wait_until(
            f"{name} works again",
            lambda name=name: cluster.works_on(name, stream),  # type: ignore[misc]
            within_s=40,
        )
