"""What Redis is set to, asked of real ones."""

from pathlib import Path

import pytest
import redis

from tests.support.own_redis import own_redis
from tests.support.processes import running
from tests.support.waiting import wait_until
from transformer.errors import QueueUnavailable
from transformer.queue.connection import open_redis
from transformer.queue.durability import weaknesses
from transformer.supervisor.valkey import EmbeddedValkey


def test_a_redis_as_it_comes_has_three_weaknesses(tmp_path: Path) -> None:
    as_it_comes = {
        "appendonly": "no",
        "appendfsync": "everysec",
        "maxmemory-policy": "allkeys-lru",
    }
    with own_redis(tmp_path, options=as_it_comes) as server, server.client() as connection:
        found = {weak.setting: (weak.found, weak.better) for weak in weaknesses(connection) or []}
    assert found == {
        "appendonly": ("no", "yes"),
        "appendfsync": ("everysec", "always"),
        "maxmemory-policy": ("allkeys-lru", "noeviction"),
    }


def test_the_embedded_one_has_none(tmp_path: Path) -> None:
    embedded = EmbeddedValkey(tmp_path)
    with running(embedded.prepare()):
        wait_until("it answers", lambda: embedded.reply_to_ping().startswith("+PONG"))
        connection = open_redis(embedded.url)
        assert weaknesses(connection) == []
        connection.close()
    embedded.forget()


def test_a_redis_that_does_not_let_us_look_is_not_judged(tmp_path: Path) -> None:
    with own_redis(tmp_path) as server, server.client() as connection:
        connection.execute_command(
            "ACL", "SETUSER", "guest", "on", "nopass", "+@all", "~*", "-config"
        )
        guest = redis.Redis(port=server.port, username="guest", password="any")
        assert weaknesses(guest) is None
        guest.close()


def test_a_redis_that_does_not_answer_is_unavailable() -> None:
    with pytest.raises(QueueUnavailable):
        weaknesses(open_redis("unix:///nowhere/redis.sock"))
