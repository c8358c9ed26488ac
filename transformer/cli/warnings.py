"""What does not fail yet: judges what was read of Redis, of the database and of the disk."""

from collections.abc import Iterator
from dataclasses import dataclass

from transformer.queue.condition import RedisCondition
from transformer.store.condition import ForwardCondition, StoreCondition

OLDEST_REDIS = (7, 0)

_MB = 1_048_576
_GB = 1_024 * _MB
_MEMORY_SHARE = 0.6
_FREE_SHARE = 0.1
_OLDEST_S = 60
_OLDEST_FORWARDED_S = 300
_CLOCK_S = 1
_WAL_BYTES = _GB
# The pruner looks every few seconds, so a little more than the bound is as it should be.
_LOG_SHARE = 1.1


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001  # the word of the glossary; nothing here warns as Python does
    """Something that will fail one day; ``hint`` says what to do before."""

    subject: str
    found: str
    expected: str
    hint: str


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk of the data folder."""

    free_bytes: int
    total_bytes: int


def is_too_old(redis: RedisCondition) -> bool:
    """Say whether Redis lacks commands that the queue is made of."""
    told = redis.version.split(".")[:2]
    return tuple(int(part) for part in told if part.isdecimal()) < OLDEST_REDIS


def of_redis(redis: RedisCondition) -> Iterator[Warning]:
    """Warn of a Redis that fills up, can lose what waits, or is not emptied."""
    limit = redis.memory_limit_bytes
    if not limit:
        yield Warning(
            "Redis maxmemory",
            "none",
            "a bound below this machine's memory",
            "Set maxmemory: above 80 % of it webhooks are refused with 503 instead of lost.",
        )
    elif redis.memory_bytes > limit * _MEMORY_SHARE:
        yield Warning(
            "Redis memory",
            f"{redis.memory_bytes / limit:.0%} of {_size(limit)}",
            f"at most {_MEMORY_SHARE:.0%}",
            "Above 80 % nothing is accepted: start more workers, or give Redis more memory.",
        )
    for weak in redis.weaknesses or ():
        yield Warning(
            f"Redis {weak.setting}",
            weak.found,
            weak.better,
            f"Otherwise {weak.costs}: `CONFIG SET {weak.setting} {weak.better}`, and in redis.conf.",
        )
    if redis.oldest_s > _OLDEST_S:
        yield Warning(
            "queue",
            f"the oldest entry has waited {redis.oldest_s:.0f} s",
            f"at most {_OLDEST_S} s",
            "See in /readyz that workers and a writer run; start more workers.",
        )
    yield from _of_clock("Redis", redis.ahead_s)


def of_store(store: StoreCondition) -> Iterator[Warning]:
    """Warn of a database that grows past its bounds, or can lose what was committed."""
    if store.wal_bytes > _WAL_BYTES:
        yield Warning(
            "SQLite write-ahead log",
            _size(store.wal_bytes),
            f"at most {_size(_WAL_BYTES)}",
            "Something reads the database for very long: end it, or start everything again.",
        )
    for log in store.logs:
        if log.max_bytes and log.bytes > log.max_bytes * _LOG_SHARE:
            yield Warning(
                f"log of {log.workspace_id}",
                _size(log.bytes),
                f"at most {_size(log.max_bytes)}",
                "See that the scheduler runs: it removes the oldest, a little at a time.",
            )
    for setting in store.turned_off:
        yield Warning(
            f"PostgreSQL {setting}",
            "off",
            "on",
            "Otherwise what was committed can be lost with the machine's power: turn it on.",
        )
    for forward in store.forwards:
        yield from _of_forward(forward)
    yield from _of_clock("PostgreSQL", store.ahead_s)


def of_disk(disk: Disk, *, aof_bytes: int) -> Iterator[Warning]:
    """Warn of a disk that fills up; ``aof_bytes`` is the embedded Valkey's file on it."""
    if disk.free_bytes < disk.total_bytes * _FREE_SHARE:
        yield Warning(
            "disk of the data folder",
            f"{disk.free_bytes / disk.total_bytes:.0%} free",
            f"at least {_FREE_SHARE:.0%}",
            "Make room, or set TRANSFORMER_LOG_MAX_MB; a full disk stops accepting.",
        )
    elif disk.free_bytes < 2 * aof_bytes:
        yield Warning(
            "disk of the data folder",
            f"{_size(disk.free_bytes)} free",
            f"twice Valkey's file of {_size(aof_bytes)}",
            "Make room: Valkey writes the file anew before it removes the old one.",
        )


def _of_forward(forward: ForwardCondition) -> Iterator[Warning]:
    subject = f"forward {forward.name}"
    said = f": {forward.trouble}" if forward.trouble else ""
    if forward.is_full:
        yield Warning(
            subject,
            f"{forward.waiting:,} operations wait, and more are left out{said}",
            "fewer than TRANSFORMER_FORWARD_BACKLOG_LIMIT",
            "See in GET /api/forwards what keeps it; what is left out shows in its deliveries.",
        )
    elif forward.oldest_s > _OLDEST_FORWARDED_S:
        yield Warning(
            subject,
            f"the oldest of {forward.waiting:,} operations has waited {forward.oldest_s:.0f} s{said}",
            f"at most {_OLDEST_FORWARDED_S} s",
            "See that it is not paused, that a scheduler runs, and what the other side says: "
            "POST /api/forwards/ID/test.",
        )
    if forward.dead:
        yield Warning(
            subject,
            f"{forward.dead:,} operations were refused by the other side",
            "none",
            "GET /api/forwards/ID/refused says why: queue them anew or drop them.",
        )


def _of_clock(whose: str, ahead_s: float) -> Iterator[Warning]:
    if abs(ahead_s) > _CLOCK_S:
        yield Warning(
            f"clock of {whose}",
            f"{abs(ahead_s):.1f} s {'ahead of' if ahead_s > 0 else 'behind'} this machine's",
            f"at most {_CLOCK_S} s apart",
            "Keep both machines' clocks right with NTP.",
        )


def _size(count: int) -> str:
    return f"{count / _GB:.1f} GB" if count >= _GB else f"{count / _MB:.0f} MB"
