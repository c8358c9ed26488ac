"""What replays find in the log, on each database; and which index SQLite reads for it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from tests.support.settlements import TRANSFORMATION, WORKSPACE, make_settlement
from transformer.delivery import State
from transformer.ids import new_replay_id, new_transformation_id
from transformer.replay import (
    DeliveryFilter,
    Progress,
    Replay,
    ReplayKind,
    ReplayState,
    Selection,
)
from transformer.settlement import Settlement
from transformer.store.deliveries import read_applied
from transformer.store.engine import open_engine, reading, writing
from transformer.store.replays import (
    TOO_LATE,
    count_matches,
    count_settled,
    create_replay,
    end_replay,
    finish_replay,
    follow_replay,
    newest_delivery,
    read_matches,
    read_replay,
    read_spans,
    sum_up,
)
from transformer.writer.apply import apply_batch

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LAST = "dlv_g"
EVERYTHING = Selection(WORKSPACE, ReplayKind.REPLAY)


def _write(engine: Engine, *settlements: Settlement) -> None:
    with writing(engine) as connection:
        apply_batch(connection, workspace_id=WORKSPACE, settlements=settlements, now=NOW)


def _filtered(**given: object) -> Selection:
    return Selection(
        WORKSPACE,
        ReplayKind.REPLAY,
        filter=DeliveryFilter(**given),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("selection", "wanted"),
    [
        (EVERYTHING, [0, 1, 2, 3]),
        (_filtered(state=State.FAILED), [0, 1, 3]),
        (_filtered(state=State.FAILED, transformation_id=TRANSFORMATION), [0, 1]),
        (_filtered(error_code="died"), [1]),
        (_filtered(text="needle"), [2]),
        (_filtered(accepted_from="2026-03-01T12:00:00.001Z"), [3]),
        (_filtered(accepted_until="2026-03-01T12:00:00.001Z"), [0, 1, 2]),
        (Selection(WORKSPACE, ReplayKind.RETRY), [0, 1, 3]),
    ],
)
def test_a_selection_is_found_counted_and_summed_up(
    engine: Engine, selection: Selection, wanted: list[int]
) -> None:
    settlements = [
        make_settlement(verdict="failed", errors=[{"code": "threw"}]),
        make_settlement(verdict="failed", errors=[{"code": "died"}]),
        make_settlement(verdict="skipped", body=b'"needle"'),
        make_settlement(
            verdict="failed",
            transformation_id=new_transformation_id(),
            accepted_at="2026-03-01T12:00:01.000Z",
        ),
    ]
    _write(engine, *settlements)
    ids = [settlements[at].delivery_id for at in wanted]
    with reading(engine) as connection:
        found = read_matches(connection, selection, after="", until=LAST, limit=10)
        assert [match.id for match in found] == ids
        assert all(match.size for match in found)
        assert count_matches(connection, selection, until=LAST) == len(ids)
        assert sum(group.count for group in sum_up(connection, selection, until=LAST)) == len(ids)
        until = settlements[0].delivery_id
        assert count_matches(connection, selection, until=until) == (0 in wanted)
        spans = read_spans(connection, selection, until=LAST, matches=found)
        assert spans == {match.of: (match.id, match.id) for match in found}
        assert newest_delivery(connection, workspace_id=WORKSPACE) == settlements[-1].delivery_id


def test_pages_follow_each_other_in_the_order_of_the_log(engine: Engine) -> None:
    settlements = [make_settlement(verdict="failed") for _ in range(500)]
    _write(engine, *settlements)
    found: list[str] = []
    with reading(engine) as connection:
        while page := read_matches(
            connection, EVERYTHING, after=found[-1] if found else "", until=LAST, limit=200
        ):
            found += [match.id for match in page]
    # Ids that were made one after another sort so: a page's order is the stream's (ids.py).
    assert found == [settlement.delivery_id for settlement in settlements]


def test_an_events_first_and_last_delivery_are_told(engine: Engine) -> None:
    first = make_settlement(verdict="failed")
    again = make_settlement(verdict="failed", event_id=first.event_id, replay_of=first.delivery_id)
    applied = make_settlement(event_id=first.event_id, replay_of=first.delivery_id)
    _write(engine, first, again, applied)
    selection = _filtered(state=State.FAILED)
    with reading(engine) as connection:
        found = read_matches(connection, selection, after="", until=LAST, limit=1)
        spans = read_spans(connection, selection, until=LAST, matches=found)
    assert list(spans.values()) == [(first.delivery_id, again.delivery_id)]


def _record(**given: object) -> Replay:
    filled: dict[str, object] = {
        "id": new_replay_id(),
        "selection": _filtered(state=State.FAILED, error_code="threw", text="x"),
        "revision_id": None,
        "state": ReplayState.RUNNING,
        "until": "dlv_2",
        "found": 3,
        "progress": Progress(),
        "settled": dict.fromkeys([*(state.value for state in State), TOO_LATE], 0),
        "error": "",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Replay(**(filled | given))  # type: ignore[arg-type]


def test_a_replay_is_kept_as_it_was_asked_for(engine: Engine) -> None:
    replay = _record()
    with writing(engine) as connection:
        create_replay(connection, replay)
    with reading(engine) as connection:
        found = read_replay(connection, workspace_id=WORKSPACE, replay_id=replay.id)
    assert found == replay


def test_a_replay_is_done_at_its_end_when_all_is_settled_and_not_before(engine: Engine) -> None:
    replay = _record()
    with writing(engine) as connection:
        create_replay(connection, replay)
        ahead = Progress("dlv_2", appended=2, refused=1)
        follow_replay(connection, replay_id=replay.id, progress=ahead, now=NOW)
        follow_replay(connection, replay_id=replay.id, progress=Progress("dlv_1"), now=NOW)
        count_settled(connection, {(replay.id, "applied"): 1}, now="2026-03-01T12:00:00.000Z")
        assert not finish_replay(connection, replay_id=replay.id, now=NOW)
        count_settled(connection, {(replay.id, TOO_LATE): 1}, now="2026-03-01T12:00:00.000Z")
        assert finish_replay(connection, replay_id=replay.id, now=NOW)
        assert not end_replay(connection, replay_id=replay.id, state=ReplayState.CANCELLED, now=NOW)
        found = read_replay(connection, workspace_id=WORKSPACE, replay_id=replay.id)
    assert found is not None
    assert found.progress == ahead, "the cursor never goes back"
    assert (found.settled["applied"], found.settled[TOO_LATE]) == (1, 1)


def test_settlements_of_a_replay_are_counted_in_the_transaction_that_applies_them(
    engine: Engine,
) -> None:
    replay = _record()
    with writing(engine) as connection:
        create_replay(connection, replay)
    first = make_settlement(verdict="failed")
    _write(engine, first)
    late = {"event_id": first.event_id, "delivery_id": first.delivery_id, "is_retry": True}
    _write(
        engine,
        make_settlement(event_id=first.event_id, replay_of=first.delivery_id, replay_id=replay.id),
        make_settlement(**late, attempt=2, replay_id=replay.id, verdict="skipped"),  # type: ignore[arg-type]
        make_settlement(**late, attempt=3, replay_id=replay.id),  # type: ignore[arg-type]
    )
    with reading(engine) as connection:
        found = read_replay(connection, workspace_id=WORKSPACE, replay_id=replay.id)
    assert found is not None
    assert {name: count for name, count in found.settled.items() if count} == {
        "applied": 1,
        "skipped": 1,
        TOO_LATE: 1,
    }


def test_sqlite_reads_the_index_that_holds_what_is_wanted(
    engine: Engine, database_url: str
) -> None:
    # Show SQLite the workspace's column to see this fail: it walks through the whole log.
    if engine.dialect.name != "sqlite":
        return
    asked: list[str] = []
    watched = open_engine(database_url)
    first = make_settlement(verdict="failed")
    _write(engine, first)
    selection = _filtered(state=State.FAILED, transformation_id=TRANSFORMATION)
    with reading(watched) as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(asked.append)
        page = read_matches(connection, selection, after="", until=LAST, limit=5)
        read_spans(connection, selection, until=LAST, matches=page)
        read_applied(connection, workspace_id=WORKSPACE, event_ids=[first.event_id])
        driver.set_trace_callback(None)
        matches, spans, applied = (
            " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}"))
            for one in asked
            if one.startswith("SELECT")
        )
    watched.dispose()
    assert "ix_deliveries_transformation_id_state_id (transformation_id=? AND state=?" in matches
    assert "TEMP B-TREE" not in matches
    assert "ix_deliveries_event_id_transformation_id (event_id=?" in spans
    assert "ix_deliveries_event_id_transformation_id (event_id=?" in applied
