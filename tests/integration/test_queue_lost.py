"""A worker or writer whose Redis is away: it waits, and still ends when it is told to."""

import json
import signal
import sys
from pathlib import Path

import pytest

from tests.support.processes import running
from tests.support.redis_server import running_redis
from tests.support.waiting import wait_until
from transformer.queue.connection import open_redis
from transformer.store.migrate import migrate


@pytest.mark.parametrize("role", ["worker", "writer"])
def test_a_process_without_redis_waits_for_it_and_ends_when_told(tmp_path: Path, role: str) -> None:
    # Let `work` raise what RQ's worker raises to see this fail: the process ends by itself.
    database_url = f"sqlite:///{tmp_path / 'store.db'}"
    migrate(database_url)
    environment = {
        "TRANSFORMER_REDIS_URL": f"unix://{tmp_path / 'redis.sock'}",
        "TRANSFORMER_DATABASE_URL": database_url,
    }
    command = [sys.executable, "-m", "transformer", role]
    with running(command, environment=environment) as process:
        assert process.stderr is not None
        lost = 0
        while lost < 2:
            line = process.stderr.readline()
            assert line, "the process has ended"
            lost += line.startswith("{") and json.loads(line)["event"] == "redis.lost"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=15)
    assert process.returncode == 0


def test_a_process_that_waited_for_redis_works_once_it_is_there(tmp_path: Path) -> None:
    database_url = f"sqlite:///{tmp_path / 'store.db'}"
    migrate(database_url)
    with running_redis() as url:
        there = Path(url.removeprefix("unix://"))
        away = there.with_name("away")
        there.rename(away)
        environment = {"TRANSFORMER_REDIS_URL": url, "TRANSFORMER_DATABASE_URL": database_url}
        command = [sys.executable, "-m", "transformer", "writer"]
        with running(command, environment=environment) as process:
            assert process.stderr is not None
            while "redis.lost" not in process.stderr.readline():
                assert process.poll() is None
            away.rename(there)
            connection = open_redis(url)
            wait_until("it is among RQ's workers", lambda: connection.scard("rq:workers") == 1)
            connection.close()
