"""The database is locked by somebody else, or ends in the middle of a transaction."""

import asyncio
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.support.load import under_load
from tests.support.own_redis import OwnRedis
from tests.support.postgres_server import PostgresServer, postgres_server
from tests.support.system import System, running_system
from tests.support.waiting import wait_until
from tests.support.writer_bench import counting, writer_bench
from transformer.clock import SystemClock
from transformer.errors import StoreUnavailable
from transformer.ingest.routes import _OLDEST_S, Routes
from transformer.queue.connection import open_redis
from transformer.queue.keys import NOTICED
from transformer.store import engine

_WRITING = """
SELECT 1 FROM pg_locks
WHERE relation = 'profiles'::regclass AND mode = 'RowExclusiveLock' AND granted
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as postgres:
        yield postgres


@pytest.fixture(scope="module")
def on_postgres(
    server: OwnRedis, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("postgres")
    with running_system(
        folder / "data", redis_url=f"{server.url}/1", database_url=postgres.url
    ) as system:
        yield system


@contextmanager
def locked(path: str, how: str) -> Iterator[None]:
    """Hold the lock of an SQLite file while the block runs."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as connection:
        connection.execute(f"BEGIN {how}")
        yield
        connection.execute("ROLLBACK")


def test_while_the_database_is_locked_webhooks_are_accepted_and_then_applied(
    system: System,
) -> None:
    path = system.instance.database_url.removeprefix("sqlite:///")
    with under_load(system, "locked") as load:
        with locked(path, "IMMEDIATE"):
            before = load.logged()
            load.wait_for_more(200)
            assert load.logged() == before
        load.wait_for_more()
    assert load.statuses.keys() == {201}
    load.assert_exactly_once()


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_writer_that_waited_in_vain_for_the_lock_leaves_all_to_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(engine, "_BUSY_TIMEOUT_S", 0.2)
    with writer_bench(tmp_path) as bench:
        bench.settle(counting(), counting())
        with locked(str(tmp_path / "store.db"), how), pytest.raises(StoreUnavailable):
            bench.write()
        bench.lose_drain()
        bench.write()
        assert bench.hits() == 2


def test_while_postgresql_is_away_for_long_webhooks_are_accepted(
    postgres: PostgresServer, on_postgres: System
) -> None:
    # Let `Routes._put_aside` keep nothing to see it fail.
    connection = open_redis(on_postgres.instance.redis_url)
    wait_until("the scheduler has looked around", lambda: connection.exists(NOTICED))
    connection.close()
    with under_load(on_postgres, "postgres-away") as load:
        postgres.end()
        try:
            away = time.monotonic() + _OLDEST_S + 1
            while time.monotonic() < away:
                load.wait_for_more()
        finally:
            postgres.start()
        load.wait_for_more()
        load.finish()
    assert load.statuses.keys() == {201}
    load.assert_exactly_once()


def test_routes_of_an_overtaken_configuration_serve_nobody(
    postgres: PostgresServer, on_postgres: System
) -> None:
    url = on_postgres.make("A route", "return").url
    clock, version = _Clock(), ["1"]
    store = engine.open_engine(postgres.url)
    routes = Routes(store, read_version=lambda: version[0], clock=clock)
    token = url.rpartition("/")[2]

    async def ask() -> None:
        known = await routes.find(token)
        postgres.end()
        for _ in range(3):
            clock.now_s += _OLDEST_S + 1
            assert await routes.find(token) == known
        version[0] = "2"
        clock.now_s += _OLDEST_S + 1
        with pytest.raises(StoreUnavailable):
            await routes.find(token)

    try:
        asyncio.run(ask())
    finally:
        postgres.start()
    store.dispose()


class _Clock(SystemClock):
    """Time that moves when told."""

    now_s = 1_000.0

    def monotonic(self) -> float:
        return self.now_s


def stop_in_a_transaction(pid: int, postgres: PostgresServer) -> None:
    """Hold a process still, at a moment at which a transaction of it has changed profiles."""
    with psycopg.connect(dbname="postgres", user="postgres", host=str(postgres.folder)) as watcher:
        watcher.autocommit = True

        def is_in_one() -> bool:
            os.kill(pid, signal.SIGSTOP)
            if watcher.execute(_WRITING).fetchone() is not None:
                return True
            os.kill(pid, signal.SIGCONT)
            return False

        wait_until("the writer is in a transaction", is_in_one, within_s=30)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL], ids=["ended", "killed"])
def test_a_postgresql_that_goes_in_the_middle_of_a_transaction_applies_all_once(
    postgres: PostgresServer, on_postgres: System, end: signal.Signals
) -> None:
    # Let the writer move its position in a transaction of its own to see this fail.
    (writer,) = on_postgres.instance.pids["writer"]
    with under_load(on_postgres, f"postgres-{end.name}") as load:
        stop_in_a_transaction(writer, postgres)
        try:
            postgres.end(end)
            postgres.start()
        finally:
            os.kill(writer, signal.SIGCONT)
        load.wait_for_more()
        load.finish()
    assert load.statuses.keys() <= {201, 503}
    load.assert_exactly_once()
    assert on_postgres.instance.pids["writer"] == [writer]
