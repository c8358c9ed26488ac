"""What `migrate` makes of a database, on each database that we speak to."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    inspect,
    select,
    text,
)

from transformer.errors import StoreUnavailable
from transformer.store.engine import open_engine, reading, writing
from transformer.store.migrate import migrate
from transformer.store.steps import MIGRATIONS, check_migrated, known_steps, newest_step
from transformer.store.tables import metadata

_MIGRATE = "import sys; from transformer.store.migrate import migrate; migrate(sys.argv[1])"


@pytest.fixture
def empty(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


def test_a_migrated_database_has_the_tables_the_code_works_with(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_migrated_database_has_the_same_columns_and_indexes_as_a_fresh_one(
    empty: Engine, database_url: str
) -> None:
    metadata.create_all(empty)
    fresh = _shape(empty)
    metadata.drop_all(empty)
    migrate(database_url)
    assert _shape(empty) == fresh


def _shape(engine: Engine) -> dict[str, object]:
    seen = inspect(engine)
    return {
        name: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in columns],
            seen.get_pk_constraint(name),
            sorted((index["name"], tuple(index["column_names"])) for index in indexes),
            sorted((key["name"], tuple(key["constrained_columns"])) for key in keys),
        )
        for name in metadata.tables
        for columns in [seen.get_columns(name)]
        for indexes in [seen.get_indexes(name)]
        for keys in [seen.get_foreign_keys(name)]
    }


@pytest.mark.parametrize("step", known_steps())
def test_a_database_of_each_earlier_version_keeps_its_rows(
    empty: Engine, database_url: str, step: str
) -> None:
    with writing(empty) as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, step)
        before = _filled(connection)
    migrate(database_url)
    check_migrated(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        for table, rows in before.items():
            kept = [column for column in table.columns if _has_column(connection, column)]
            found = connection.execute(select(*kept).order_by(kept[0])).mappings().all()
            assert [dict(row) for row in found] == [
                {column.name: row[column.name] for column in kept} for row in rows
            ], table.name


def _filled(connection: Connection) -> dict[Table, list[dict[str, object]]]:
    """Put two rows into each table that there is, whatever its columns; gives them."""
    found = MetaData()
    found.reflect(connection)
    rows: dict[Table, list[dict[str, object]]] = {}
    for table in found.sorted_tables:
        if table.name != "alembic_version":
            rows[table] = [
                {column.name: _value(column, number) for column in table.columns}
                for number in (1, 2)
            ]
            connection.execute(table.insert(), rows[table])
    return rows


def _value(column: Column[Any], number: int) -> object:
    """Give a value of the column's type: the same in all tables, so that foreign keys are met."""
    if column.name.endswith("_at"):
        return f"2026-01-0{number}T00:00:00.000Z"
    match column.type:
        case JSON():
            return {"number": number}
        case LargeBinary():
            return bytes([number])
        case Boolean():
            return number == 1
        case Integer() | Float():
            return number
        case String():
            return str(number)
        case other:
            raise AssertionError(f"{column} is of the type {other!r}: say here what it may hold")


def _has_column(connection: Connection, column: Column[Any]) -> bool:
    columns = inspect(connection).get_columns(column.table.name)
    return column.name in {one["name"] for one in columns}


def test_migrating_again_changes_nothing(engine: Engine, database_url: str) -> None:
    with writing(engine) as connection:
        connection.execute(
            text("INSERT INTO workspaces (id, name, created_at) VALUES ('wsp_1', 'Kept', '2026')")
        )
    migrate(database_url)
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT name FROM workspaces")) == "Kept"


def test_processes_that_start_at_once_migrate_once(database_url: str, empty: Engine) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", _MIGRATE, database_url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    ended = [(*process.communicate(timeout=60), process.returncode) for process in started]
    assert ended == [("", "", 0)] * 4
    check_migrated(empty)


def test_a_database_that_is_behind_is_refused_with_the_command_that_helps(empty: Engine) -> None:
    with pytest.raises(StoreUnavailable, match="is empty") as refused:
        check_migrated(empty)
    assert "transformer migrate" in refused.value.hint


def test_a_migrated_database_is_not_refused(engine: Engine) -> None:
    check_migrated(engine)


def test_a_database_of_a_newer_version_is_left_alone(engine: Engine, database_url: str) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match="9999") as refused:
        check_migrated(engine)
    assert "newer version" in refused.value.hint
    with pytest.raises(StoreUnavailable, match="9999"):
        migrate(database_url)


def test_a_step_that_fails_leaves_nothing_behind(empty: Engine, database_url: str) -> None:
    # The last table of the first step is there already, so the step fails near its end.
    with writing(empty) as connection:
        connection.execute(text("CREATE TABLE revisions (id TEXT)"))
    with pytest.raises(Exception, match="revisions"):
        migrate(database_url)
    assert inspect(empty).get_table_names() == ["revisions"]


def test_steps_are_numbered_without_a_gap_and_named_as_alembic_names_them() -> None:
    numbers = known_steps()
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    assert [script.revision for script in scripts] == numbers[::-1]
    assert newest_step() == numbers[-1]
