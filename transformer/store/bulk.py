"""Statements run for thousands of rows a second.

SQLAlchemy's work for each row (finding parameters by name, converting them) costs more than
SQLite's own. A :class:`Bulk` has its statement compiled once for each database, and hands rows to
the driver as they are: tuples, with documents encoded before (``documents.py``).
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.sql.dml import UpdateBase

from transformer.errors import Broken
from transformer.store.upserts import Upsert

Parameters: TypeAlias = tuple[Any, ...]


class Bulk:
    """A statement for many rows.

    Args:
        statement: an insert, update or delete that gives nothing back.
        parameters: the names of its parameters, in the order of the rows' values.
    """

    def __init__(self, statement: UpdateBase | Upsert, parameters: Sequence[str]) -> None:
        self._parameters = tuple(parameters)
        self._texts: dict[str, str] = {}
        for url in ("sqlite://", "postgresql+psycopg://"):
            dialect = make_url(url).get_dialect()()
            chosen = statement.of(dialect.name) if isinstance(statement, Upsert) else statement
            compiled = chosen.compile(dialect=dialect, column_keys=list(self._parameters))
            if set(compiled.params) != set(parameters):
                raise Broken(f"The statement takes {set(compiled.params)}, not {parameters}.")
            if compiled.positional and compiled.positiontup != list(parameters):
                raise Broken(f"The statement takes {compiled.positiontup}, not {parameters}.")
            self._texts[dialect.name] = str(compiled)

    def run(self, connection: Connection, rows: Sequence[Parameters]) -> None:
        """Run the statement for each row; for none, do nothing."""
        if not rows:
            return
        dialect = connection.dialect.name
        if dialect == "sqlite":
            connection.exec_driver_sql(self._texts[dialect], list(rows))
        else:
            named = [dict(zip(self._parameters, row, strict=True)) for row in rows]
            connection.exec_driver_sql(self._texts[dialect], named)
