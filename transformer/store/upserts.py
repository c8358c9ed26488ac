"""Inserts that meet a row already there: the one place where the two databases' grammars differ."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

_INSERTS: dict[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class Upsert:
    """An insert for each database; a row with the same key is changed, added to, or left as it is.

    Args:
        table: where to insert.
        key: the columns of the primary key or unique constraint that may be met.
        changing: the columns that take the new values then.
        adding: the columns to which the new values are added then. With neither, the old row is
            left alone.
    """

    def __init__(
        self,
        table: Table,
        *,
        key: Sequence[str],
        changing: Sequence[str] = (),
        adding: Sequence[str] = (),
    ) -> None:
        self._statements: dict[str, Insert] = {}
        for dialect, make in _INSERTS.items():
            statement = make(table)
            self._statements[dialect] = (
                statement.on_conflict_do_update(
                    index_elements=key,
                    set_={name: statement.excluded[name] for name in changing}
                    | {name: table.c[name] + statement.excluded[name] for name in adding},
                )
                if changing or adding
                else statement.on_conflict_do_nothing(index_elements=key)
            )

    def on(self, connection: Connection) -> Insert:
        """Give the statement that this connection's database understands."""
        return self.of(connection.dialect.name)

    def of(self, dialect: str) -> Insert:
        """Give the statement for a database by the name of its dialect."""
        return self._statements[dialect]
