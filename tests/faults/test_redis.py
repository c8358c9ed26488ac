"""Redis is started again under load, and runs out of memory."""

import signal

import httpx

from tests.support.load import backlog, counting, under_load
from tests.support.own_redis import OwnRedis
from tests.support.processes import stopped
from tests.support.system import System
from tests.support.waiting import wait_until

MEGABYTE = 1_048_576


def test_a_redis_that_is_started_again_under_load_loses_and_repeats_nothing(
    system: System, server: OwnRedis
) -> None:
    pids = system.instance.pids
    with under_load(system, "restarted") as load:
        for end in (signal.SIGTERM, signal.SIGKILL):
            server.end(end)
            refused = httpx.post(load.made.url, content=load.body, timeout=30)
            server.start()
            load.wait_for_more()
            assert refused.status_code == 503
            assert refused.headers["retry-after"]
    assert load.statuses.keys() == {201, 503}
    load.assert_exactly_once()
    assert system.instance.pids == pids, "a process had to be started again"


def test_a_full_redis_refuses_keeps_what_it_holds_and_drains_by_itself(
    system: System, server: OwnRedis
) -> None:
    # Remove the look at the memory in append.lua to see this fail: Redis fills up to its limit, and
    # RQ has nowhere to put a job. The scheduler is held still, for nobody outside guards it.
    load = counting(system, "full", padding="x" * 100_000)
    pids = system.instance.pids
    with server.client() as client:
        limit = int(client.info("memory")["used_memory"]) + 64 * MEGABYTE
        client.config_set("maxmemory", limit)
        with stopped(*pids["worker"], *pids["scheduler"]):

            def refusal() -> httpx.Response | None:
                load.send(120)
                answer = httpx.post(load.made.url, content=load.body, timeout=30)
                return None if answer.is_success else answer

            refused = wait_until("Redis is full", refusal, within_s=60)
            assert refused is not None
            assert int(client.info("memory")["used_memory"]) < 0.9 * limit
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
        assert "80% full" in refused.json()["error"]["message"]
        wait_until("the backlog drains", lambda: backlog(system) == 0, within_s=60)
        load.wait_until_accepted()
        load.assert_exactly_once()
        client.config_set("maxmemory", 0)
