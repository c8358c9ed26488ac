"""What condition the database is in: read for `transformer doctor`, judged in cli/warnings.py."""

import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from transformer.store.engine import reading
from transformer.store.retention import LogSize, read_sizes

_CLOCK = text("SELECT extract(epoch FROM clock_timestamp())")
# What loses what was committed, when the machine loses power.
_SETTINGS = text(
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit')"
    " AND setting = 'off' ORDER BY name"
)


@dataclass(frozen=True, slots=True)
class StoreCondition:
    """What one look found.

    Args:
        logs: the size and the bound of each workspace's log.
        wal_bytes: the size of SQLite's write-ahead log; 0 on PostgreSQL.
        ahead_s: how far PostgreSQL's clock is ahead of ours; 0 on SQLite.
        turned_off: settings of PostgreSQL that are off and should not be.
    """

    logs: list[LogSize]
    wal_bytes: int
    ahead_s: float
    turned_off: list[str]


def read_condition(engine: Engine, *, max_mb: int) -> StoreCondition:
    """Look at a migrated database; ``max_mb`` bounds the log of a workspace that chose nothing.

    Raises:
        StoreUnavailable: it does not answer.
    """
    with reading(engine) as connection:
        logs = read_sizes(connection, max_mb=max_mb)
        if engine.dialect.name == "sqlite":
            return StoreCondition(logs, _wal_bytes(engine), 0.0, [])
        turned_off = [str(row.name) for row in connection.execute(_SETTINGS)]
        return StoreCondition(logs, 0, _ahead_s(connection), turned_off)


def _ahead_s(connection: Connection) -> float:
    asked_at = time.time()
    told = float(connection.execute(_CLOCK).scalar_one())
    return told - (asked_at + time.time()) / 2


def _wal_bytes(engine: Engine) -> int:
    try:
        return Path(f"{engine.url.database}-wal").stat().st_size
    except OSError:
        return 0
