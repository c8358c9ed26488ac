"""The doctor's look at Redis, the database and the disk: whether they answer, and what to warn of."""

import shutil
from collections.abc import Callable
from typing import TypeVar

from transformer.cli.diagnosis import Service
from transformer.cli.warnings import (
    OLDEST_REDIS,
    Disk,
    Warning,  # noqa: A004
    is_too_old,
    of_disk,
    of_redis,
    of_store,
)
from transformer.errors import TransformerError
from transformer.queue.condition import RedisCondition
from transformer.queue.condition import read_condition as read_redis
from transformer.queue.connection import open_redis
from transformer.settings import Settings, mask_password
from transformer.store.condition import StoreCondition
from transformer.store.condition import read_condition as read_store
from transformer.store.engine import open_engine
from transformer.store.steps import check_migrated
from transformer.supervisor.valkey import running_url

_Found = TypeVar("_Found")


def look_at_services(settings: Settings) -> tuple[list[Service], list[Warning]]:
    """Give Redis and the database, and what to warn of; nothing is made or changed by looking."""
    redis, condition = _redis(settings)
    database, store = _database(settings)
    warnings: list[Warning] = []
    aof_bytes = 0
    if condition is not None:
        warnings += of_redis(condition)
        if not settings.redis_url:
            aof_bytes = condition.aof_bytes
    if store is not None:
        warnings += of_store(store)
    if settings.data_dir.exists():
        usage = shutil.disk_usage(settings.data_dir)
        warnings += of_disk(Disk(usage.free, usage.total), aof_bytes=aof_bytes)
    return [redis, database], warnings


def _redis(settings: Settings) -> tuple[Service, RedisCondition | None]:
    url = settings.redis_url or running_url(settings.data_dir)
    idle = Service("Redis", is_well=True, found="none set: `transformer up` brings its own")
    if url is None:
        return idle, None
    connection = open_redis(url)
    try:
        service, found = _asked("Redis", mask_password(url), lambda: read_redis(connection))
    finally:
        connection.close()
    if found is None:
        # The socket of an embedded server that was killed: it does not run, which is no fault.
        return (service if settings.redis_url else idle), None
    if is_too_old(found):
        wanted = ".".join(map(str, OLDEST_REDIS))
        service = Service(
            "Redis",
            is_well=False,
            found=f"version {found.version}, older than {wanted}",
            hint=f"Update it: Redis {wanted} or newer, or any Valkey.",
        )
    return service, found


def _database(settings: Settings) -> tuple[Service, StoreCondition | None]:
    url = settings.resolved_database_url()
    embedded = settings.data_dir / "transformer.db"
    # Opening SQLite would make the file; whoever only looks leaves nothing behind.
    if not settings.database_url and not embedded.exists():
        found = f"none yet in {settings.data_dir}"
        return Service("database", is_well=True, found=found), None
    engine = open_engine(url)

    def look() -> StoreCondition:
        check_migrated(engine)
        return read_store(
            engine,
            max_mb=settings.log_max_mb,
            most_forwarded=settings.forward_backlog_limit,
        )

    try:
        return _asked("database", mask_password(url), look)
    finally:
        engine.dispose()


def _asked(name: str, place: str, ask: Callable[[], _Found]) -> tuple[Service, _Found | None]:
    try:
        found = ask()
    except TransformerError as error:
        return Service(name, is_well=False, found=error.message, hint=error.hint), None
    return Service(name, is_well=True, found=place), found
