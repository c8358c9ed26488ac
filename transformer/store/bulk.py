"""Statements run for thousands of rows a second.

SQLAlchemy's work for each row (finding parameters by name, converting them) costs more than
SQLite's own. A :class:`Bulk` has its statement compiled once for each database, and hands rows to
the driver as they are: tuples, with documents encoded before (``documents.py``). PostgreSQL gets
them all at once (``recordset.py``).
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from sqlalchemy import Connection
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase

from transformer.errors import Broken
from transformer.store.recordset import Recordset
from transformer.store.upserts import Upsert

Parameters: TypeAlias = tuple[Any, ...]

_SQLITE = make_url("sqlite://").get_dialect()()
_POSTGRESQL = make_url("postgresql+psycopg://").get_dialect()()


class Bulk:
    """A statement for many rows.

    Args:
        statement: an insert, update or delete that gives nothing back.
        parameters: the names of its parameters, in the order of the rows' values.
    """

    def __init__(self, statement: UpdateBase | Upsert, parameters: Sequence[str]) -> None:
        names = list(parameters)
        compiled: SQLCompiler = _of(statement, _SQLITE).compile(dialect=_SQLITE, column_keys=names)
        if compiled.positiontup != names:
            raise Broken(f"The statement does not take {names}: {compiled}.")
        self._text = str(compiled)
        # Only the compiler knows the type of a value that is set to a column.
        types = {name: compiled.binds[name].type for name in names}
        self._recordset = Recordset(_of(statement, _POSTGRESQL), types, _POSTGRESQL)

    def run(self, connection: Connection, rows: Sequence[Parameters]) -> None:
        """Run the statement for each row; for none, do nothing."""
        if not rows:
            return
        if connection.dialect.name == _SQLITE.name:
            connection.exec_driver_sql(self._text, list(rows))
        else:
            connection.exec_driver_sql(self._recordset.text, self._recordset.parameters(rows))


def _of(statement: UpdateBase | Upsert, dialect: Dialect) -> UpdateBase:
    return statement.of(dialect.name) if isinstance(statement, Upsert) else statement
