"""Chooses indexes where SQLite would choose another one than PostgreSQL.

SQLite keeps no statistics. It takes a workspace for ten rows, so it would rather walk through all of
a workspace than look up a handful of ids (tests/contract/test_store_indexes.py).
"""

from typing import Any

from sqlalchemy import func
from sqlalchemy.sql.elements import ColumnElement


def unindexed(column: ColumnElement[Any]) -> ColumnElement[str]:
    """Give a column's value in a form that no index holds, so that another index is chosen."""
    return func.coalesce(column, "")
