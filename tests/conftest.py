"""Wiring only: the fixtures that more than one folder uses."""

from collections.abc import Iterator

import pytest
import redis

from tests.support.redis_server import running_redis
from transformer.queue.connection import open_redis


@pytest.fixture(scope="session")
def redis_server_url() -> Iterator[str]:
    with running_redis() as url:
        yield url


@pytest.fixture
def redis_url(redis_server_url: str) -> str:
    connection = open_redis(redis_server_url)
    connection.flushall()
    connection.close()
    return redis_server_url


@pytest.fixture
def redis_connection(redis_url: str) -> Iterator[redis.Redis]:
    connection = open_redis(redis_url)
    yield connection
    connection.close()
