"""Redis' primary is killed, and Sentinel makes a replica the primary.

With TRANSFORMER_REDIS_WAIT_REPLICAS=1 what was answered 201 is on both; what the replica had not been
told, that events were settled and applied, the writer finds out for itself.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest

from tests.support.load import counting, under_load
from tests.support.own_redis import OwnRedis
from tests.support.system import System, running_system
from tests.support.waiting import wait_until

SERVICE = "queue"


@dataclass
class Watched:
    """A primary, its replica and the Sentinel that watches them."""

    primary: OwnRedis
    replica: OwnRedis
    sentinel: OwnRedis

    @property
    def url(self) -> str:
        # The first does not exist: the next one is asked.
        return f"redis+sentinel://127.0.0.1:1,127.0.0.1:{self.sentinel.port}/{SERVICE}/0"

    def primary_port(self) -> int:
        with self.sentinel.client() as client:
            address = client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
        return int(address[1])

    def await_failover(self) -> None:
        """Wait until Sentinel has made the replica the primary, and start the old one as replica."""
        wait_until(
            "the replica is the primary",
            lambda: self.primary_port() == self.replica.port,
            within_s=30,
        )
        self.primary, self.replica = self.replica, self.primary
        self.replica.start(replica_of=self.primary.port)
        wait_until("the old primary is in step", self.is_in_step, within_s=30)

    def is_in_step(self) -> bool:
        with self.replica.client() as client:
            told = client.info("replication")
        return (told["role"], told.get("master_link_status")) == ("slave", "up")


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    with ExitStack() as stack:

        def started(
            name: str, options: dict[str, str] | None = None, *, replica_of: int | None = None
        ) -> OwnRedis:
            server = OwnRedis(folder / name, options=options, sentinel=name == "watch")
            stack.callback(server.kill)
            server.start(replica_of=replica_of)
            return server

        primary = started("one")
        replica = started("two", replica_of=primary.port)
        watching = {
            f"sentinel monitor {SERVICE} 127.0.0.1": f"{primary.port} 1",
            f"sentinel down-after-milliseconds {SERVICE}": "1000",
            f"sentinel failover-timeout {SERVICE}": "3000",
        }
        made = Watched(primary, replica, started("watch", watching))
        wait_until("the replica is in step", made.is_in_step, within_s=30)
        yield made


@pytest.fixture(scope="module")
def system(watched: Watched, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(
        tmp_path_factory.mktemp("failover") / "data",
        redis_url=watched.url,
        redis_wait_replicas=1,
        redis_wait_timeout_ms=300,
    ) as system:
        yield system


def test_what_the_replica_was_not_told_is_neither_accepted_nor_done_twice(
    system: System, watched: Watched
) -> None:
    # Leave the WAIT out of the appender to see the 201; let the writer pass by `without_repeats` to
    # see the first 40 counted twice.
    load = counting(system, "behind")
    (worker,) = system.instance.pids["worker"]
    os.kill(worker, signal.SIGSTOP)
    load.send()
    assert load.statuses == {201: 40}
    watched.replica.kill()
    os.kill(worker, signal.SIGCONT)
    wait_until("all 40 are applied", lambda: len(load.logged()) == 40, within_s=30)

    refused = httpx.post(load.made.url, content=b'{"person": "behind"}', timeout=30)
    assert refused.status_code == 503
    assert refused.headers["retry-after"]
    assert refused.json()["error"]["code"] == "queue_unavailable"
    assert "0 of 1 replicas" in refused.json()["error"]["message"]
    # It is held all the same, and applied as long as the primary lives.
    wait_until("it is applied", lambda: len(load.logged()) == 41, within_s=30)

    watched.primary.kill()
    watched.replica.start(replica_of=watched.primary.port)
    watched.await_failover()
    load.wait_until_accepted()
    load.assert_exactly_once()


def test_a_failover_under_load_loses_nothing_and_applies_nothing_twice(
    system: System, watched: Watched
) -> None:
    with under_load(system, "failed-over") as load:
        watched.primary.kill()
        watched.await_failover()
        load.wait_for_more()
    assert load.statuses.keys() <= {201, 503}
    load.assert_exactly_once()
