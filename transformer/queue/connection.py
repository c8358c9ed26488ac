"""Opens Redis, and turns its errors into ours.

Nothing is retried under the hood: a script that was sent and not answered may have run, and only
its caller knows whether asking again is harmless.

A URL ``redis+sentinel://HOST:PORT,HOST:PORT/SERVICE/DB`` names Sentinels, which know the primary: they
are asked at each connect, and a connection to a primary that was demoted is closed at its first
refusal to write.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import redis
import redis.asyncio
import redis.asyncio.sentinel
import redis.sentinel
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from transformer.errors import QueueUnavailable, UsageError
from transformer.queue.keys import DRAINS

_TIMEOUT_S = 8
# A lost SYN is repeated after 1, 3 and 7 seconds: better to begin anew than to wait for the last.
_CONNECT_TIMEOUT_S = 3

# Sentinels are asked one after another: one that hangs must not hold up the answer of the next.
_SENTINEL_TIMEOUT_S = 1
_SENTINEL_PORT = 26_379
_SENTINEL_SCHEMES = {"redis+sentinel": False, "rediss+sentinel": True}


def open_redis(url: str) -> redis.Redis:
    """Open a client for scripts and plain commands; connects at first use."""
    options: dict[str, Any] = {
        "socket_timeout": _TIMEOUT_S,
        "socket_connect_timeout": _CONNECT_TIMEOUT_S,
        "retry": Retry(NoBackoff(), 0),
    }
    return _open(url, options)


def open_rq_redis(url: str) -> redis.Redis:
    """Open a client for RQ, which waits on it for as long as nothing is to do."""
    options: dict[str, Any] = {
        "socket_connect_timeout": _CONNECT_TIMEOUT_S,
        "retry": Retry(NoBackoff(), 0),
    }
    if not url.startswith("unix:"):
        options["socket_keepalive"] = True
    return _open(url, options)


def open_append_pool(url: str) -> redis.asyncio.ConnectionPool:
    """Open the connections with which ``web`` appends."""
    options: dict[str, Any] = {
        "socket_timeout": _TIMEOUT_S,
        "socket_connect_timeout": _CONNECT_TIMEOUT_S,
        "retry": AsyncRetry(NoBackoff(), 0),
    }
    watched = read_sentinel_url(url)
    if watched is None:
        return redis.asyncio.ConnectionPool.from_url(url, **options)
    sentinels = redis.asyncio.sentinel.Sentinel(  # type: ignore[no-untyped-call]
        watched.sentinels, sentinel_kwargs=watched.sentinel_options
    )
    return redis.asyncio.sentinel.SentinelConnectionPool(  # type: ignore[no-untyped-call]
        watched.service, sentinels, ssl=watched.is_secure, **watched.options, **options
    )


@dataclass(frozen=True, slots=True)
class SentinelUrl:
    """What a Sentinel URL says.

    Args:
        sentinels: (host, port) of each.
        service: the name under which they watch the primary.
        is_secure: whether the primary is spoken to over TLS.
        options: how to connect to the primary: db, username, password.
        sentinel_options: how to connect to a Sentinel.
    """

    sentinels: list[tuple[str, int]]
    service: str
    is_secure: bool
    options: dict[str, Any]
    sentinel_options: dict[str, Any]


def read_sentinel_url(url: str) -> SentinelUrl | None:
    """Take a Sentinel URL apart; None if it is a URL of one Redis.

    User and password are Redis' own; with ``?sentinel_auth=1`` the Sentinels get them too.

    Raises:
        UsageError: it lacks a host or the service, or a port or the database is no number.
    """
    parts = urlsplit(url)
    if parts.scheme not in _SENTINEL_SCHEMES:
        return None
    credentials, _, hosts = parts.netloc.rpartition("@")
    service, _, number = parts.path.strip("/").partition("/")
    try:
        sentinels = [_host_and_port(host) for host in hosts.split(",") if host]
        options: dict[str, Any] = {"db": int(number or 0)}
    except ValueError:
        sentinels, options = [], {}
    if not sentinels or not service:
        raise UsageError(
            "TRANSFORMER_REDIS_URL names Sentinels, but not a host, a service and a number of a database.",
            hint="Write redis+sentinel://HOST:PORT,HOST:PORT/SERVICE/DB.",
        )
    sentinel_options: dict[str, Any] = {
        "socket_timeout": _SENTINEL_TIMEOUT_S,
        "socket_connect_timeout": _SENTINEL_TIMEOUT_S,
    }
    username, _, password = credentials.partition(":")
    named = {"username": unquote(username) or None, "password": unquote(password) or None}
    options |= named
    if parse_qs(parts.query).get("sentinel_auth") == ["1"]:
        sentinel_options |= named
    is_secure = _SENTINEL_SCHEMES[parts.scheme]
    return SentinelUrl(sentinels, unquote(service), is_secure, options, sentinel_options)


def _host_and_port(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, str(_SENTINEL_PORT)
    return host.strip("[]"), int(port)


class _Disconnecting:
    """Closes a connection on which an answer was not read to its end, as all others do.

    The one that asks Sentinels does not by default: after a signal in the middle of a wait, the next
    command would read the last one's answer.
    """

    def read_response(self, *given: Any, **named: Any) -> Any:
        return super().read_response(*given, **({"disconnect_on_error": True} | named))  # type: ignore[misc]


class _Primary(_Disconnecting, redis.sentinel.SentinelManagedConnection):
    pass


class _SecurePrimary(_Disconnecting, redis.sentinel.SentinelManagedSSLConnection):
    pass


def _open(url: str, options: dict[str, Any]) -> redis.Redis:
    watched = read_sentinel_url(url)
    if watched is None:
        return redis.Redis.from_url(url, **options)
    sentinels = redis.sentinel.Sentinel(  # type: ignore[no-untyped-call]
        watched.sentinels, sentinel_kwargs=watched.sentinel_options
    )
    kind = _SecurePrimary if watched.is_secure else _Primary
    primary: redis.Redis = sentinels.master_for(  # type: ignore[no-untyped-call]
        watched.service, connection_class=kind, **watched.options, **options
    )
    return primary


def script_text(*names: str) -> str:
    """Read Lua scripts beside this file, as one: the last, with the functions of those before."""
    folder = files("transformer.queue") / "scripts"
    *functions, script = ((folder / f"{name}.lua").read_text("utf-8") for name in names)
    flags = ""
    if script.startswith("#!"):  # it must stay the first line
        flags, _, script = script.partition("\n")
        flags += "\n"
    return "".join((flags, *functions, script))


def read_drains(connection: redis.Redis) -> list[str]:
    """List the streams that have a mark."""
    return sorted(
        name.decode() if isinstance(name, bytes) else name for name in connection.smembers(DRAINS)
    )


@contextmanager
def translated() -> Iterator[None]:
    """Raise :class:`QueueUnavailable` for whatever Redis or the way to it does."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise QueueUnavailable(
            f"Redis cannot be used: {error}.",
            hint="Check TRANSFORMER_REDIS_URL, and Redis' memory and disk; then send again.",
        ) from error
