"""What condition the database is in: read for `transformer doctor`, judged in cli/warnings.py."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from transformer.clock import from_text
from transformer.store.engine import reading
from transformer.store.forwards import list_all_forwards, read_standing
from transformer.store.retention import LogSize, read_sizes

_CLOCK = text("SELECT extract(epoch FROM clock_timestamp())")
# What loses what was committed, when the machine loses power.
_SETTINGS = text(
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit')"
    " AND setting = 'off' ORDER BY name"
)


@dataclass(frozen=True, slots=True)
class ForwardCondition:
    """How a forward fares: what waits, for how long, whether more is left out, and why."""

    name: str
    waiting: int
    is_full: bool
    oldest_s: float
    dead: int
    trouble: str


@dataclass(frozen=True, slots=True)
class StoreCondition:
    """What one look found.

    Args:
        logs: the size and the bound of each workspace's log.
        wal_bytes: the size of SQLite's write-ahead log; 0 on PostgreSQL.
        ahead_s: how far PostgreSQL's clock is ahead of ours; 0 on SQLite.
        turned_off: settings of PostgreSQL that are off and should not be.
        forwards: how each forward fares.
    """

    logs: list[LogSize]
    wal_bytes: int
    ahead_s: float
    turned_off: list[str]
    forwards: Sequence[ForwardCondition] = ()


def read_condition(engine: Engine, *, max_mb: int, most_forwarded: int) -> StoreCondition:
    """Look at a migrated database.

    Args:
        engine: where it is.
        max_mb: the bound of the log of a workspace that chose nothing.
        most_forwarded: how many operations may wait for one forward.

    Raises:
        StoreUnavailable: it does not answer.
    """
    with reading(engine) as connection:
        logs = read_sizes(connection, max_mb=max_mb)
        forwards = _forwards(connection, most_forwarded)
        if engine.dialect.name == "sqlite":
            return StoreCondition(logs, _wal_bytes(engine), 0.0, [], forwards)
        turned_off = [str(row.name) for row in connection.execute(_SETTINGS)]
        return StoreCondition(logs, 0, _ahead_s(connection), turned_off, forwards)


def _forwards(connection: Connection, most: int) -> list[ForwardCondition]:
    found, now = [], time.time()
    for forward in list_all_forwards(connection):
        standing = read_standing(connection, forward_id=forward.id, most=most)
        since = standing.oldest_at
        found.append(
            ForwardCondition(
                name=forward.name,
                waiting=standing.waiting,
                is_full=standing.waiting >= most,
                oldest_s=0.0 if since is None else now - from_text(since).timestamp(),
                dead=standing.dead,
                trouble=standing.trouble["message"] if standing.trouble else "",
            )
        )
    return found


def _ahead_s(connection: Connection) -> float:
    asked_at = time.time()
    told = float(connection.execute(_CLOCK).scalar_one())
    return told - (asked_at + time.time()) / 2


def _wal_bytes(engine: Engine) -> int:
    try:
        return Path(f"{engine.url.database}-wal").stat().st_size
    except OSError:
        return 0
