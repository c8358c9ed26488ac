"""Wiring only: the fixtures that more than one folder uses."""

import os
from collections.abc import Iterator

import hypothesis
import pytest
import redis

from tests.support import leaks
from tests.support.redis_server import running_redis
from transformer.queue.connection import open_redis

# What CI runs must be the same each time; by hand, other examples are tried each time.
hypothesis.settings.register_profile("ci", derandomize=True)


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("CI"):
        hypothesis.settings.load_profile("ci")
    config.pluginmanager.register(leaks)


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


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run in CI if a test was skipped: a skipped check is no check."""
    if not os.environ.get("CI"):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
