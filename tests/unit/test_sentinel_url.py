"""A URL that names Sentinels."""

import pytest

from transformer.errors import UsageError
from transformer.queue.connection import read_sentinel_url


def test_a_url_of_one_redis_names_no_sentinels() -> None:
    assert read_sentinel_url("redis://127.0.0.1:6379/0") is None
    assert read_sentinel_url("unix:///run/redis.sock") is None


def test_a_sentinel_url_names_hosts_service_and_database() -> None:
    read = read_sentinel_url("redis+sentinel://one:1001,two,[::1]:1003,[::2]/queue/3")
    assert read is not None
    assert read.sentinels == [("one", 1001), ("two", 26379), ("::1", 1003), ("::2", 26379)]
    assert (read.service, read.options["db"], read.is_secure) == ("queue", 3, False)


def test_a_sentinel_url_may_leave_the_database_out_and_ask_for_tls() -> None:
    read = read_sentinel_url("rediss+sentinel://one/queue")
    assert read is not None
    assert (read.options["db"], read.is_secure) == (0, True)


def test_user_and_password_are_for_redis_and_on_demand_for_the_sentinels() -> None:
    url = "redis+sentinel://me:p%40ss@one/queue/0"
    read = read_sentinel_url(url)
    assert read is not None
    assert (read.options["username"], read.options["password"]) == ("me", "p@ss")
    assert "password" not in read.sentinel_options
    read = read_sentinel_url(f"{url}?sentinel_auth=1")
    assert read is not None
    assert read.sentinel_options["password"] == "p@ss"


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://one",
        "redis+sentinel:///queue/0",
        "redis+sentinel://one/queue/x",
        "redis+sentinel://one:x/queue",
    ],
)
def test_a_sentinel_url_that_says_too_little_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="names Sentinels"):
        read_sentinel_url(url)
