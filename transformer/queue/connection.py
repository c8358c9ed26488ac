"""Opens Redis, and turns its errors into ours.

Nothing is retried under the hood: a script that was sent and not answered may have run, and only
its caller knows whether asking again is harmless.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from transformer.errors import QueueUnavailable
from transformer.queue.keys import DRAINS

_TIMEOUT_S = 10


def open_redis(url: str) -> redis.Redis:
    """Open a client for scripts and plain commands; connects at first use."""
    return redis.Redis.from_url(
        url,
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )


def open_rq_redis(url: str) -> redis.Redis:
    """Open a client for RQ, which waits on it for as long as nothing is to do."""
    keepalive = {} if url.startswith("unix:") else {"socket_keepalive": True}
    return redis.Redis.from_url(url, socket_connect_timeout=_TIMEOUT_S, **keepalive)


def open_append_pool(url: str) -> redis.asyncio.ConnectionPool:
    """Open the connections with which ``web`` appends."""
    return redis.asyncio.ConnectionPool.from_url(
        url,
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
        retry=AsyncRetry(NoBackoff(), 0),
    )


def script_text(*names: str) -> str:
    """Read Lua scripts beside this file, as one: the last, with the functions of those before."""
    scripts = files("transformer.queue") / "scripts"
    return "".join((scripts / f"{name}.lua").read_text("utf-8") for name in names)


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
