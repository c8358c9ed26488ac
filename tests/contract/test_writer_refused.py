"""Of what code returns, objects that are wrong are refused one by one, and the others applied.

An outcome goes the whole way here: checked as the worker does it, written as a settlement, read by
the writer, applied, and told in the log.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from tests.support.settlements import WORKSPACE, make_settlement
from transformer.delivery import Outcome, Verdict
from transformer.operation import JsonObject
from transformer.settlement import Settlement, from_fields, to_fields
from transformer.store.deliveries import list_deliveries
from transformer.store.engine import reading, writing
from transformer.store.profiles import find_profiles
from transformer.transformation import Destination
from transformer.worker.check import Checker
from transformer.writer.apply import apply_batch

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CHECKER = Checker()
PAID = {"external_id": "u", "name": "Paid", "time": "2025-03-14T09:26:53Z"}
NAMELESS = {"external_id": "u", "time": "2025-03-14T09:26:53Z"}


def settled(output: Any, *, replay_of: Settlement | None = None) -> Settlement:
    """Make the settlement that a worker would append for this output, and read it as a writer does."""
    checked = CHECKER.check(Destination.TRACK, output)
    outcome = Outcome(
        Verdict.OK if checked.operations else Verdict.FAILED,
        output,
        checked.operations,
        checked.errors,
        checked.warnings,
        refused=checked.refused,
    )
    made = make_settlement(
        verdict=outcome.verdict.value,
        output=output,
        event_id=replay_of.event_id if replay_of else None,
        replay_of=replay_of.delivery_id if replay_of else None,
    )
    made.operations, made.report = outcome.operations, outcome.remarks()
    fields = [part.encode() if isinstance(part, str) else part for part in to_fields(made)]
    (read,) = from_fields(fields)
    return read


def apply(engine: Engine, settlement: Settlement) -> JsonObject:
    """Apply a settlement; gives its row of the log."""
    with writing(engine) as connection:
        apply_batch(connection, workspace_id=WORKSPACE, settlements=[settlement], now=NOW)
    with reading(engine) as connection:
        log = list_deliveries(connection, workspace_id=WORKSPACE, limit=50)
    (row,) = [row for row in log if row["id"] == settlement.delivery_id]
    return row


def profile(engine: Engine) -> JsonObject:
    with reading(engine) as connection:
        (found,) = find_profiles(connection, workspace_id=WORKSPACE, external_id="u")
    return found


def counts(engine: Engine) -> dict[str, int]:
    return {each["name"]: each["count"] for each in profile(engine)["custom_events"]}


def test_a_wrong_object_is_told_and_the_others_are_applied(engine: Engine) -> None:
    # Let plan_of skip nothing to see this fail: the writer breaks on the 17.
    purchase = {"external_id": "u", "product_id": "pot", "currency": "EUR", "time": PAID["time"]}
    output = {
        "attributes": [{"external_id": "u", "plan": "gold"}, {"plan": "silver"}, 17],
        "events": [NAMELESS, PAID],
        "purchases": [purchase | {"price": "9"}, purchase | {"price": 9}],
    }
    row = apply(engine, settled(output))
    assert row["outcome"] == "applied"
    assert [error["pointer"] for error in row["errors"]] == [
        "/attributes/1",
        "/attributes/2",
        "/events/0",
        "/purchases/0/price",
    ]
    assert len(row["operations"]) == 7
    assert profile(engine)["custom_attributes"] == {"plan": "gold"}
    assert counts(engine) == {"Paid": 1}
    assert profile(engine)["total_revenue"] == 9


def test_where_all_are_wrong_the_delivery_failed(engine: Engine) -> None:
    row = apply(engine, settled({"events": [NAMELESS, NAMELESS]}))
    assert (row["outcome"], len(row["errors"]), row["operations"]) == ("failed", 2, [])


def test_where_the_writer_refuses_the_rest_the_delivery_failed(engine: Engine) -> None:
    """An event in the year 9999 has the shape of one, and the writer's calendar ends before."""
    late = PAID | {"time": "9999-01-01"}
    row = apply(engine, settled({"events": [NAMELESS, late]}))
    assert row["outcome"] == "failed"
    assert [error["code"] for error in row["errors"]] == ["invalid_output", "invalid_time"]


def test_a_replay_of_mended_code_applies_what_was_refused_and_nothing_twice(engine: Engine) -> None:
    # Leave the refused out of settle's `unapplied` to see this fail: the first event is lost.
    first = settled({"events": [NAMELESS, PAID]})
    apply(engine, first)
    assert counts(engine) == {"Paid": 1}
    mended = settled({"events": [NAMELESS | {"name": "Paid"}, PAID]}, replay_of=first)
    row = apply(engine, mended)
    assert counts(engine) == {"Paid": 2}
    assert [warning["code"] for warning in row["warnings"]] == ["applied_before"]


def test_a_replay_that_refuses_what_was_applied_changes_nothing(engine: Engine) -> None:
    first = settled({"events": [PAID, PAID]})
    apply(engine, first)
    broken = settled({"events": [NAMELESS, PAID]}, replay_of=first)
    apply(engine, broken)
    mended = settled({"events": [PAID, PAID]}, replay_of=first)
    apply(engine, mended)
    assert counts(engine) == {"Paid": 2}
