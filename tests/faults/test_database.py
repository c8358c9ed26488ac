"""The database is locked by somebody else, or ends in the middle of a transaction."""

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support.load import under_load
from tests.support.own_redis import OwnRedis
from tests.support.postgres_server import postgres_server
from tests.support.system import System, running_system
from tests.support.writer_bench import counting, writer_bench
from transformer.errors import StoreUnavailable
from transformer.store import engine


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


def test_a_postgresql_that_is_killed_under_load_applies_everything_once(
    server: OwnRedis, tmp_path: Path
) -> None:
    # Let the writer move its position in a transaction of its own to see this fail.
    with (
        postgres_server() as postgres,
        running_system(
            tmp_path / "data", redis_url=f"{server.url}/1", database_url=postgres.url
        ) as system,
        under_load(system, "postgres") as load,
    ):
        for end in (signal.SIGQUIT, signal.SIGKILL):
            # In the middle of a transaction, as good as surely: the writer is busy all the time.
            load.wait_for_more()
            postgres.end(end)
            postgres.start()
        load.wait_for_more()
        load.finish()
        assert load.statuses.keys() <= {201, 503}
        load.assert_exactly_once()
