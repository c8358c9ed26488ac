"""Which migrations there are, and which a database has: what every process asks when it starts.

Alembic is not asked: importing it takes longer than all else that a process does here. A step is
named by the number at the head of its file (tests/contract/test_migrations.py holds that).
"""

from pathlib import Path

from sqlalchemy import Engine, String, column, inspect, select, table

from transformer.errors import StoreUnavailable
from transformer.store.engine import reading

MIGRATIONS = Path(__file__).parent / "migrations"
NEWER_HINT = "A newer version of the program has migrated it: start that version instead."

_TABLE = "alembic_version"
_READ_STEP = select(column("version_num", String)).select_from(table(_TABLE))


def check_migrated(engine: Engine) -> None:
    """Refuse a database whose tables are not those of this version.

    Raises:
        StoreUnavailable: the database does not answer, or is behind or ahead.
    """
    applied = applied_step(engine)
    if applied == newest_step():
        return
    found = f"at migration {applied}" if applied else "empty"
    raise StoreUnavailable(
        f"The database is {found}; this version works with migration {newest_step()}.",
        hint="Run `transformer migrate`, then start again."
        if applied is None or applied in known_steps()
        else NEWER_HINT,
    )


def newest_step() -> str:
    """Name the last step that this version knows."""
    return known_steps()[-1]


def known_steps() -> list[str]:
    """List the steps' names, oldest first."""
    return sorted(
        path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")
    )


def applied_step(engine: Engine) -> str | None:
    """Name the last step that a database has; None where it has none."""
    with reading(engine) as connection:
        if not inspect(connection).has_table(_TABLE):
            return None
        step: str | None = connection.scalar(_READ_STEP)
        return step
