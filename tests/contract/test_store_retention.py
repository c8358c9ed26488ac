"""Retention by age and by size: what goes, what stays, and that the counted size is the true one."""

from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, func, select, text

from tests.support.settlements import WORKSPACE, make_settlement
from transformer.ids import DeliveryId, EventId, WorkspaceId, new_workspace_id
from transformer.settlement import Settlement
from transformer.store.engine import reading, writing
from transformer.store.retention import (
    OLDEST_EVENTS,
    Overdue,
    Removed,
    Retention,
    list_overdue,
    read_sizes,
    read_usage,
    remove_oldest,
    save_retention,
)
from transformer.store.steps import MIGRATIONS
from transformer.store.tables import deliveries, events
from transformer.writer.apply import apply_batch

NOW = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)
SHARED = EventId("evt_" + "0" * 32)
JANUARY_1, JANUARY_2, FEBRUARY_1 = (
    f"2026-{day}T00:00:00.000Z" for day in ("01-01", "01-02", "02-01")
)
_MB = 1_048_576


def _write(engine: Engine, *settlements: Settlement, workspace_id: WorkspaceId = WORKSPACE) -> None:
    with writing(engine) as connection:
        apply_batch(connection, workspace_id=workspace_id, settlements=settlements, now=NOW)


def _remove(engine: Engine, overdue: Overdue, *, limit: int = 100) -> Removed:
    with writing(engine) as connection:
        return remove_oldest(connection, overdue, limit=limit)


def _left(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        found = connection.execute(select(events.c.accepted_at).order_by(events.c.accepted_at))
        return list(found.scalars())


def _overdue(engine: Engine, *, days: int = 30, max_mb: int = 0) -> list[Overdue]:
    with reading(engine) as connection:
        return list_overdue(connection, now=NOW, days=days, max_mb=max_mb)


def _counted(engine: Engine) -> tuple[int, int]:
    with reading(engine) as connection:
        usage = read_usage(connection, workspace_id=WORKSPACE)
    return usage["deliveries"], usage["bytes"]


def _recounted(engine: Engine) -> tuple[int, int]:
    with reading(engine) as connection:
        found = connection.execute(
            select(func.count(), func.coalesce(func.sum(deliveries.c.bytes), 0)).where(
                deliveries.c.workspace_id == WORKSPACE
            )
        ).one()
    return int(found[0]), int(found[1])


def test_old_events_go_with_their_deliveries_the_oldest_first(engine: Engine) -> None:
    _write(
        engine,
        make_settlement(accepted_at=JANUARY_1, event_id=SHARED),
        make_settlement(accepted_at=JANUARY_1, event_id=SHARED),
        make_settlement(accepted_at=JANUARY_2),
        make_settlement(accepted_at=FEBRUARY_1),
    )
    overdue = Overdue(WORKSPACE, FEBRUARY_1, 0)
    steps = [_remove(engine, overdue, limit=1) for _ in range(3)]
    assert [(step.events, step.deliveries) for step in steps] == [(1, 2), (1, 1), (0, 0)]
    assert _left(engine) == [FEBRUARY_1]
    assert _counted(engine) == _recounted(engine)


def test_another_workspace_keeps_its_log(engine: Engine) -> None:
    other = new_workspace_id()
    _write(engine, make_settlement(accepted_at=JANUARY_1, workspace_id=other), workspace_id=other)
    assert _remove(engine, Overdue(WORKSPACE, FEBRUARY_1, 10**9)) == Removed()
    assert _left(engine) == [JANUARY_1]


def test_a_log_above_its_size_loses_its_oldest_events_and_no_more(engine: Engine) -> None:
    # To see it fail: let `is_due` in store/retention.py look at the age alone.
    body = b"x" * (_MB // 4)
    times = [f"2026-02-{day:02}T00:00:00.000Z" for day in range(20, 28)]
    _write(engine, *(make_settlement(accepted_at=at, body=body) for at in times))
    [overdue] = _overdue(engine, max_mb=1)
    while _remove(engine, overdue, limit=1).events:
        remaining = _overdue(engine, max_mb=1)
        if not remaining:
            break
        [overdue] = remaining
    # Four bodies are 1 MB, and their headers and reports are more.
    assert _left(engine) == times[-3:]
    assert _counted(engine) == _recounted(engine)
    assert _counted(engine)[1] <= _MB


def test_one_step_removes_no_more_than_the_excess(engine: Engine) -> None:
    body = b"x" * 1_000
    times = [f"2026-02-{day:02}T00:00:00.000Z" for day in range(20, 28)]
    _write(engine, *(make_settlement(accepted_at=at, body=body) for at in times))
    _remove(engine, Overdue(WORKSPACE, JANUARY_1, 1_500))
    assert _left(engine) == times[2:]


def test_a_replay_counts_without_its_event(engine: Engine) -> None:
    # To see it fail: count headers and body of every settlement in writer/log.py.
    _write(engine, make_settlement(event_id=SHARED, body=b"x" * 10_000))
    first = _counted(engine)[1]
    replay = make_settlement(
        event_id=SHARED, body=b"x" * 10_000, replay_of=DeliveryId("dlv_" + "1" * 32)
    )
    _write(engine, replay)
    assert first > 10_000
    assert _counted(engine)[1] - first < 10_000
    assert _counted(engine) == _recounted(engine)


def test_what_a_workspace_chose_goes_before_the_settings(engine: Engine) -> None:
    _write(engine, make_settlement(accepted_at=FEBRUARY_1, body=b"x" * 2 * _MB))
    assert _overdue(engine) == []
    with writing(engine) as connection:
        save_retention(connection, workspace_id=WORKSPACE, retention=Retention(10, 1))
    [overdue] = _overdue(engine)
    assert overdue.before == "2026-02-19T12:00:05.000Z"
    assert overdue.excess_bytes == _counted(engine)[1] - _MB
    with writing(engine) as connection:
        save_retention(connection, workspace_id=WORKSPACE, retention=Retention(60, 0))
    assert _overdue(engine, days=1, max_mb=1) == []
    with reading(engine) as connection:
        assert [size.max_bytes for size in read_sizes(connection, max_mb=5)] == [0]


def test_usage_says_what_is_there(engine: Engine) -> None:
    with reading(engine) as connection:
        assert read_usage(connection, workspace_id=WORKSPACE) == {
            "deliveries": 0,
            "bytes": 0,
            "oldest_accepted_at": None,
            "profiles": 0,
            "catalog_items": 0,
        }
    _write(engine, make_settlement(accepted_at=JANUARY_2), make_settlement(accepted_at=FEBRUARY_1))
    with reading(engine) as connection:
        usage = read_usage(connection, workspace_id=WORKSPACE)
    assert usage["deliveries"] == 2
    assert usage["oldest_accepted_at"] == JANUARY_2
    assert (usage["deliveries"], usage["bytes"]) == _recounted(engine)


def test_the_oldest_events_are_found_by_an_index_and_not_sorted(engine: Engine) -> None:
    # To see it fail: leave the index on events out of the migration.
    given = {"of_workspace": WORKSPACE, "at_most": 100}
    statement_text = str(
        OLDEST_EVENTS.params(given).compile(engine, compile_kwargs={"literal_binds": True})
    )
    with reading(engine) as connection:
        if engine.dialect.name == "sqlite":
            rows = connection.execute(text(f"EXPLAIN QUERY PLAN {statement_text}")).all()
            plan = " ".join(str(row[3]) for row in rows)
            assert "TEMP B-TREE" not in plan
        else:
            connection.execute(text("SET enable_seqscan = off"))
            connection.execute(text("SET enable_bitmapscan = off"))
            plan = " ".join(connection.execute(text(f"EXPLAIN {statement_text}")).scalars())
            assert "Sort" not in plan
    assert "ix_events_workspace_id_accepted_at" in plan
    assert "ix_deliveries_event_id_transformation_id" in plan


# SQLite has one writer at a time.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_second_scheduler_leaves_alone_what_the_first_removes(engine: Engine) -> None:
    # To see it fail: take with_for_update out of OLDEST_EVENTS; the second then waits for ever.
    _write(engine, make_settlement(accepted_at=JANUARY_1), make_settlement(accepted_at=JANUARY_2))
    overdue = Overdue(WORKSPACE, FEBRUARY_1, 0)
    with writing(engine) as connection:
        assert remove_oldest(connection, overdue, limit=1).events == 1
        with writing(engine) as second:
            second.execute(text("SET LOCAL lock_timeout = '5s'"))
            found = second.execute(OLDEST_EVENTS, {"of_workspace": WORKSPACE, "at_most": 9}).all()
            assert [row.accepted_at for row in found] == [JANUARY_2]
    assert _counted(engine) == _recounted(engine)


def test_a_log_of_before_is_counted_when_it_is_migrated(engine: Engine) -> None:
    """A log that was written before sizes were counted: the step measures what is there."""
    _write(
        engine,
        make_settlement(event_id=SHARED, accepted_at=JANUARY_1, body=b"x" * 5_000),
        make_settlement(event_id=SHARED, replay_of=DeliveryId("dlv_" + "1" * 32)),
    )
    expected = _counted(engine)
    _take_back(engine)
    _apply_step(engine, "0005")
    counted = _counted(engine)
    assert counted == _recounted(engine)
    assert counted[0] == 2
    # JSONB has a few blanks more than what came.
    assert expected[1] <= counted[1] < expected[1] + 100


def _apply_step(engine: Engine, step: str) -> None:
    """Apply steps up to this one; the later ones' tables are there already."""
    with writing(engine) as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, step)


def _take_back(engine: Engine) -> None:
    with writing(engine) as connection:
        for statement in (
            "DROP INDEX ix_events_workspace_id_accepted_at",
            "CREATE INDEX ix_events_accepted_at ON events (accepted_at)",
            "ALTER TABLE deliveries DROP COLUMN bytes",
            "DROP TABLE log_counts",
            "DROP TABLE retentions",
            "UPDATE alembic_version SET version_num = '0004'",
        ):
            connection.execute(text(statement))
