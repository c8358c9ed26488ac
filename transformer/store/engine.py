"""Opens the database: SQLite (WAL, synchronous=FULL) by default, PostgreSQL by its URL."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from transformer.errors import StoreUnavailable

__all__ = ["Connection", "Engine", "open_engine", "open_to_look", "reading", "snapshot", "writing"]

_BUSY_TIMEOUT_S = 15

# A cable that is cut tells nobody. Our end of a connection to PostgreSQL notices within so long…
_CONNECT_TIMEOUT_S = 5
_SILENCE_S = 8
_TCP_POSTGRESQL = {
    "connect_timeout": _CONNECT_TIMEOUT_S,
    "keepalives_idle": 4,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": _SILENCE_S * 1_000,
}
# … and PostgreSQL's end, which holds the row that the next writer waits for, does as well. A writer
# that waits for longer than that waits for something else, and says so.
_PREPARE_POSTGRESQL = f"""
SET idle_in_transaction_session_timeout = '{_SILENCE_S}s';
SET lock_timeout = '{2 * _SILENCE_S}s';
SET tcp_keepalives_idle = 4;
SET tcp_keepalives_interval = 2;
SET tcp_keepalives_count = 2;
SET tcp_user_timeout = '{_SILENCE_S}s';
"""


def open_engine(url: str) -> Engine:
    """Make the engine of a database URL; nothing is connected yet."""
    parsed = make_url(url)
    common: dict[str, Any] = {"json_serializer": _to_json, "json_deserializer": orjson.loads}
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(
            parsed, pool_pre_ping=True, connect_args=dict(_TCP_POSTGRESQL), **common
        )
        event.listen(engine, "connect", _prepare_postgresql)
        return engine
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        parsed,
        connect_args={"timeout": _BUSY_TIMEOUT_S, "check_same_thread": False},
        **common,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def open_to_look(url: str) -> Engine:
    """Make the engine of a database that may be in use, for someone who leaves no trace in it.

    Only :func:`reading` and :func:`snapshot` work with it.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return open_engine(url)
    path = Path(parsed.database).absolute()
    place = f"file:{quote(str(path))}?mode=ro"
    # Where nobody has the file open, SQLite would make two files beside it, and leave them there.
    if not Path(f"{path}-wal").exists():
        place += "&immutable=1"
    connect = partial(
        sqlite3.connect,
        place,
        uri=True,
        timeout=_BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )
    engine = create_engine(
        "sqlite://", creator=connect, poolclass=NullPool, json_deserializer=orjson.loads
    )
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _to_json(value: object) -> str:
    return orjson.dumps(value).decode()


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transactions begin late, at the first write, and then fail with "locked"
    # instead of waiting; we begin them ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    # Webhooks and their reports are about 1 KB each: pages of 8 KB hold them without overflow, and
    # half as many go to the journal, a tenth of the writer's CPU. A file keeps the size it began with.
    cursor.execute("PRAGMA page_size=8192")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    # A checkpoint each 32 MB instead of 8: under load each one costs the writer two fsyncs.
    cursor.execute("PRAGMA wal_autocheckpoint=4000")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA cache_size=-65536")
    cursor.close()


def _prepare_postgresql(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(_PREPARE_POSTGRESQL)
    cursor.close()
    # A rollback takes settings back that were made in its transaction.
    connection.commit()


def _begin_immediate(connection: Connection) -> None:
    readonly = connection.get_execution_options().get("transformer_readonly", False)
    connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a transaction that commits at the end of the block, or rolls back.

    Raises:
        StoreUnavailable: the database does not answer, or stayed locked.
    """
    with _translated(), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a transaction that only reads, and so waits for no writer.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    with _translated(), engine.connect() as connection:
        yield connection.execution_options(transformer_readonly=True)


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Give a transaction in which the store stands still, and which the database lets write nothing.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    with _translated(), engine.connect() as connection:
        connection.execution_options(transformer_readonly=True)
        if connection.dialect.name != "sqlite":
            # Its own default shows what others commit from one statement to the next.
            yield connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            return
        connection.exec_driver_sql("PRAGMA query_only=ON")
        try:
            yield connection
        finally:
            connection.exec_driver_sql("PRAGMA query_only=OFF")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise StoreUnavailable(
            "All connections to the database are in use.", hint="Try again a little later."
        ) from error
    except OperationalError as error:
        raise StoreUnavailable(
            f"The database cannot be used: {error.orig}.",
            hint="Check TRANSFORMER_DATABASE_URL, its disk's free space, and `transformer migrate`.",
        ) from error
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        raise StoreUnavailable("The database closed the connection.") from error
