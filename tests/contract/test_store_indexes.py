"""Looking for a few profiles reads no others, on the database that keeps no statistics."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from tests.support.identities import new_alias, rename
from tests.support.settlements import WORKSPACE, attributes, make_settlement
from transformer.ids import ProfileId
from transformer.store.engine import open_engine, reading, writing
from transformer.store.identities import read_deprecated, read_names_of
from transformer.store.migrate import migrate
from transformer.store.profiles import find_profiles, read_aliases, read_profiles
from transformer.writer.apply import apply_batch

_MANY = [str(number) for number in range(400)]
_IDS = [ProfileId(f"prf_{number}") for number in _MANY]
_BY_ID = "sqlite_autoindex_profiles_1 (id=?"
_BY_EXTERNAL_ID = "sqlite_autoindex_profiles_2 (workspace_id=? AND external_id=?"
_ALIAS = "sqlite_autoindex_aliases_1 (workspace_id=? AND alias_label=? AND alias_name=?"
_ALIASES_OF = "ix_aliases_profile_id (profile_id=?"
_FORMER = "sqlite_autoindex_deprecated_external_ids_1 (workspace_id=? AND external_id=?"

Ask = Callable[..., Any]


# Take unindexed() out of a statement to see its row fail.
@pytest.mark.parametrize(
    ("ask", "indexes"),
    [
        pytest.param(
            lambda connection: list(read_profiles(connection, workspace_id=WORKSPACE, ids=_MANY)),
            [_BY_ID],
            id="profiles by id",
        ),
        pytest.param(
            lambda connection: list(
                read_profiles(connection, workspace_id=WORKSPACE, external_ids=_MANY)
            ),
            [_BY_EXTERNAL_ID],
            id="profiles by external id",
        ),
        pytest.param(
            lambda connection: list(
                read_profiles(connection, workspace_id=WORKSPACE, emails=_MANY, phones=_MANY)
            ),
            [
                "ix_profiles_workspace_id_email (workspace_id=? AND email=?",
                "ix_profiles_workspace_id_phone (workspace_id=? AND phone=?",
            ],
            id="profiles by email and phone",
        ),
        pytest.param(
            lambda connection: read_aliases(
                connection, workspace_id=WORKSPACE, wanted=[("label", name) for name in _MANY]
            ),
            [_ALIAS],
            id="who has aliases",
        ),
        pytest.param(
            lambda connection: read_names_of(connection, workspace_id=WORKSPACE, ids=_IDS),
            [_ALIASES_OF, "ix_deprecated_external_ids_profile_id (profile_id=?"],
            id="all names of profiles",
        ),
        pytest.param(
            lambda connection: read_deprecated(connection, workspace_id=WORKSPACE, wanted=_MANY),
            [_FORMER],
            id="who had external ids",
        ),
        pytest.param(
            lambda connection: find_profiles(connection, workspace_id=WORKSPACE, external_id="u"),
            [_BY_ID, _BY_EXTERNAL_ID, _FORMER, _ALIASES_OF],
            id="the export by external id",
        ),
        pytest.param(
            lambda connection: find_profiles(
                connection, workspace_id=WORKSPACE, alias_label="l", alias_name="n"
            ),
            [_BY_ID, _ALIAS],
            id="the export by alias",
        ),
    ],
)
def test_a_look_up_uses_an_index_that_names_what_is_wanted(
    tmp_path: Path, ask: Ask, indexes: list[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    migrate(url)
    engine = open_engine(url)
    with writing(engine) as connection:
        _apply_one(connection)
    with reading(engine) as connection:
        used = _plans(connection, ask)
    engine.dispose()
    assert all(any(index in plan for plan in used) for index in indexes), used
    assert not [plan for plan in used if plan.endswith("(workspace_id=?)") or "SCAN " in plan]


def _apply_one(connection: Connection) -> None:
    """Have a profile with names of each kind, so that no question is left out for want of an answer."""
    known = make_settlement(
        attributes(external_id="old"),
        new_alias("old", alias_label="l", alias_name="n"),
        rename("old", "u"),
    )
    apply_batch(
        connection,
        workspace_id=WORKSPACE,
        settlements=[known],
        now=datetime(2026, 3, 1, tzinfo=UTC),
    )


def _plans(connection: Connection, ask: Ask) -> list[str]:
    driver = connection.connection.driver_connection
    assert driver is not None
    asked: list[str] = []
    driver.set_trace_callback(asked.append)
    ask(connection)
    driver.set_trace_callback(None)
    # That there is none at all is seen at the first row of a workspace.
    return [
        row[3]
        for one in asked
        if one.startswith("SELECT") and "LIMIT" not in one
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}")
    ]
