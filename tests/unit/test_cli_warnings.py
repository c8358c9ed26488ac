"""What the doctor warns of, at and beyond each bound."""

from dataclasses import replace

import pytest

from transformer.cli.warnings import Disk, is_too_old, of_disk, of_redis, of_store
from transformer.ids import WorkspaceId
from transformer.queue.condition import RedisCondition
from transformer.queue.durability import Weakness
from transformer.store.condition import ForwardCondition, StoreCondition
from transformer.store.retention import LogSize

MB = 1_048_576
GB = 1_024 * MB
REDIS = RedisCondition(
    version="7.2.4",
    memory_bytes=60 * MB,
    memory_limit_bytes=100 * MB,
    aof_bytes=0,
    oldest_s=60,
    ahead_s=1,
    weaknesses=[],
)
FORWARD = ForwardCondition("EU", waiting=1_000, is_full=False, oldest_s=300, dead=0, trouble="")
STORE = StoreCondition(logs=[], wal_bytes=GB, ahead_s=-1, turned_off=[], forwards=[FORWARD])


def test_nothing_is_said_of_what_is_within_its_bounds() -> None:
    assert list(of_redis(REDIS)) == []
    assert list(of_redis(replace(REDIS, weaknesses=None))) == []
    assert list(of_store(STORE)) == []
    assert list(of_disk(Disk(10 * GB, 100 * GB), aof_bytes=5 * GB)) == []


@pytest.mark.parametrize(
    ("changed", "subject", "found"),
    [
        ({"memory_limit_bytes": 0}, "Redis maxmemory", "none"),
        ({"memory_bytes": 61 * MB}, "Redis memory", "61% of 100 MB"),
        ({"oldest_s": 61.0}, "queue", "the oldest entry has waited 61 s"),
        ({"ahead_s": 1.5}, "clock of Redis", "1.5 s ahead of this machine's"),
        ({"ahead_s": -2.0}, "clock of Redis", "2.0 s behind this machine's"),
        (
            {"weaknesses": [Weakness("appendfsync", "everysec", "a second is lost", "always")]},
            "Redis appendfsync",
            "everysec",
        ),
    ],
)
def test_a_redis_beyond_a_bound_is_warned_of(
    changed: dict[str, object], subject: str, found: str
) -> None:
    [warning] = of_redis(replace(REDIS, **changed))  # type: ignore[arg-type]
    assert (warning.subject, warning.found) == (subject, found)
    assert warning.expected
    assert warning.hint.endswith(".")


@pytest.mark.parametrize(
    ("changed", "subject", "found"),
    [
        ({"wal_bytes": 2 * GB}, "SQLite write-ahead log", "2.0 GB"),
        ({"logs": [LogSize(WorkspaceId("wsp_1"), 12 * MB, 10 * MB)]}, "log of wsp_1", "12 MB"),
        ({"turned_off": ["fsync"]}, "PostgreSQL fsync", "off"),
        ({"ahead_s": 3.0}, "clock of PostgreSQL", "3.0 s ahead of this machine's"),
        (
            {"forwards": [replace(FORWARD, is_full=True, trouble="no answer")]},
            "forward EU",
            "1,000 operations wait, and more are left out: no answer",
        ),
        (
            {"forwards": [replace(FORWARD, oldest_s=301)]},
            "forward EU",
            "the oldest of 1,000 operations has waited 301 s",
        ),
        (
            {"forwards": [replace(FORWARD, dead=2)]},
            "forward EU",
            "2 operations were refused by the other side",
        ),
    ],
)
def test_a_database_beyond_a_bound_is_warned_of(
    changed: dict[str, object], subject: str, found: str
) -> None:
    [warning] = of_store(replace(STORE, **changed))  # type: ignore[arg-type]
    assert (warning.subject, warning.found) == (subject, found)


def test_a_log_without_a_bound_or_a_little_above_it_is_as_it_should_be() -> None:
    logs = [LogSize(WorkspaceId("wsp_1"), 12 * MB, 0), LogSize(WorkspaceId("wsp_2"), 11, 10)]
    assert list(of_store(replace(STORE, logs=logs))) == []


@pytest.mark.parametrize(
    ("disk", "aof_bytes", "found"),
    [(Disk(9 * GB, 100 * GB), 0, "9% free"), (Disk(20 * GB, 100 * GB), 11 * GB, "20.0 GB free")],
)
def test_a_disk_without_room_is_warned_of(disk: Disk, aof_bytes: int, found: str) -> None:
    assert [warning.found for warning in of_disk(disk, aof_bytes=aof_bytes)] == [found]


@pytest.mark.parametrize(
    ("version", "old"),
    [("6.0.16", True), ("5", True), ("6.2.0", True), ("7.0.0", False), ("7.2.4", False)],
)
def test_a_redis_without_our_commands_is_too_old(version: str, old: bool) -> None:
    assert is_too_old(replace(REDIS, version=version)) is old
