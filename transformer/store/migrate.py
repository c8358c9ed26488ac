"""Brings a database to the tables that this version of the program works with.

Any number of processes may start at once: the first takes a lock, the others wait for it and find
nothing left to do (tests/contract/test_migrations.py).
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from transformer.errors import StoreUnavailable
from transformer.store.engine import open_engine, writing
from transformer.store.steps import MIGRATIONS, NEWER_HINT, applied_step, newest_step

# The number is arbitrary; advisory locks are told apart by it.
_LOCK_POSTGRESQL = text("SELECT pg_advisory_xact_lock(7208126451)")
# A step on a large table may take long, and who waits for it has nothing better to do.
_PATIENCE_POSTGRESQL = text("SET LOCAL lock_timeout = 0")


def migrate(url: str) -> None:
    """Apply the steps that a database lacks, all or none; quick where it lacks none.

    Raises:
        StoreUnavailable: the database does not answer, or a newer version has migrated it.
    """
    engine = open_engine(url)
    try:
        with _alone_on_sqlite(engine):
            if applied_step(engine) == newest_step():
                return
            with writing(engine) as connection:
                if connection.dialect.name == "postgresql":
                    connection.execute(_PATIENCE_POSTGRESQL)
                    connection.execute(_LOCK_POSTGRESQL)
                _upgrade(connection)
    finally:
        engine.dispose()


@contextmanager
def _alone_on_sqlite(engine: Engine) -> Iterator[None]:
    """Hold the folder of an SQLite file, so that no one else opens it for the first time.

    Turning a new file's journal to WAL does not wait for its lock, however long the busy timeout:
    of eight processes that open it at once, now and then one fails with "locked".
    """
    path = engine.url.database if engine.dialect.name == "sqlite" else None
    if not path or path == ":memory:":
        yield
        return
    folder = os.open(Path(path).parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreUnavailable(
            f"The database cannot be migrated: {error}.", hint=NEWER_HINT
        ) from error
