"""What is counted for an operation key: at most once, and once if it was ever applied."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from tests.support.settlements import WORKSPACE, attributes, event, make_settlement, purchase
from transformer.ids import (
    EventId,
    WorkspaceId,
    new_delivery_id,
    new_event_id,
    new_replay_id,
    new_workspace_id,
)
from transformer.operation import JsonObject
from transformer.settlement import Settlement
from transformer.store.deliveries import list_deliveries
from transformer.store.engine import reading, writing
from transformer.store.profiles import find_profiles
from transformer.writer.apply import apply_batch
from transformer.writer.repeats import without_repeats

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class _Crash(Exception):
    """The writer is gone before its transaction was committed."""


def _apply(engine: Engine, *settlements: Settlement, workspace_id: WorkspaceId = WORKSPACE) -> None:
    with writing(engine) as connection:
        apply_batch(connection, workspace_id=workspace_id, settlements=settlements, now=NOW)


def _row(engine: Engine, settlement: Settlement) -> JsonObject:
    with reading(engine) as connection:
        log = list_deliveries(connection, workspace_id=settlement.workspace_id, limit=500)
    (row,) = [row for row in log if row["id"] == settlement.delivery_id]
    return row


def _profile(engine: Engine, workspace_id: WorkspaceId = WORKSPACE) -> JsonObject:
    with reading(engine) as connection:
        found = find_profiles(connection, workspace_id=workspace_id, external_id="u")
    return found[0] if found else {}


def _retry(failed: Settlement, *operations: JsonObject, attempt: int = 2) -> Settlement:
    return make_settlement(
        *operations,
        delivery_id=failed.delivery_id,
        event_id=failed.event_id,
        attempt=attempt,
        is_retry=True,
    )


def _replay(first: Settlement, *operations: JsonObject) -> Settlement:
    return make_settlement(*operations, event_id=first.event_id, replay_of=first.delivery_id)


def test_a_retry_changes_the_row_of_its_delivery(engine: Engine) -> None:
    failed = make_settlement(verdict="failed", errors=[{"code": "threw"}])
    _apply(engine, failed)
    _apply(engine, _retry(failed, attributes(external_id="u", n={"inc": 1})))
    row = _row(engine, failed)
    assert (row["outcome"], row["errors"]) == ("applied", [])
    assert (row["attempt"], row["trigger"]) == (2, "manual")
    assert row["operations"][0]["key"] == (f"{failed.event_id}/{failed.transformation_id}/0")
    assert _profile(engine)["custom_attributes"] == {"n": 1}


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in two batches"])
def test_a_retry_that_was_asked_for_twice_is_applied_once(engine: Engine, together: bool) -> None:
    # Let is_void always say no to see this fail: n would be 2, or the last word "failed".
    failed = make_settlement(verdict="failed")
    _apply(engine, failed)
    works = _retry(failed, attributes(external_id="u", n={"inc": 1}))
    late = make_settlement(
        delivery_id=failed.delivery_id,
        event_id=failed.event_id,
        attempt=3,
        is_retry=True,
        verdict="failed",
    )
    for batch in [[works, works, late]] if together else [[works], [works], [late]]:
        _apply(engine, *batch)
    assert _profile(engine)["custom_attributes"] == {"n": 1}
    assert (_row(engine, failed)["outcome"], _row(engine, failed)["attempt"]) == ("applied", 2)


def test_a_retry_counts_nothing_that_a_replay_counted_meanwhile(engine: Engine) -> None:
    counting = attributes(external_id="u", n={"inc": 1})
    failed = make_settlement(verdict="failed")
    _apply(engine, failed)
    _apply(engine, _replay(failed, counting), _retry(failed, counting))
    assert _profile(engine)["custom_attributes"] == {"n": 1}
    codes = [warning["code"] for warning in _row(engine, failed)["warnings"]]
    assert codes == ["applied_before"]


def test_a_retry_of_a_delivery_that_is_no_longer_kept_does_nothing(engine: Engine) -> None:
    gone = make_settlement(verdict="failed")
    _apply(engine, _retry(gone, attributes(external_id="u", n={"inc": 1})))
    assert _profile(engine) == {}


def test_a_retry_is_no_repeat_of_what_the_log_holds_when_redis_was_replaced(
    engine: Engine,
) -> None:
    # Take is_retry out of without_repeats to see this fail: it is dropped, and nobody is told.
    failed = make_settlement(verdict="failed", errors=[{"code": "threw"}])
    _apply(engine, failed)
    again = _retry(failed, attributes(external_id="u", hits={"inc": 1}))
    with writing(engine) as connection:
        kept = without_repeats(
            connection,
            workspace_id=WORKSPACE,
            settlements=[failed, again],
            accepted_before="9999",
        )
    assert kept == [again]


def test_an_operation_that_failed_is_applied_by_a_replay_and_its_neighbours_are_not(
    engine: Engine,
) -> None:
    # Ignore unapplied_positions in applied_of to see this fail: the purchase stays away.
    first = make_settlement(
        event(external_id="u", name="x"),
        purchase(external_id="u", price="not a price"),
        attributes(external_id="u", n={"inc": 1}),
    )
    mended = (
        event(external_id="u", name="x"),
        purchase(external_id="u", price=3),
        attributes(external_id="u", n={"inc": 1}),
    )
    _apply(engine, first)
    _apply(engine, _replay(first, *mended), _replay(first, *mended))
    _apply(engine, _replay(first, *mended))
    profile = _profile(engine)
    assert profile["custom_events"][0]["count"] == 1
    assert profile["total_revenue"] == 3
    assert profile["custom_attributes"] == {"n": 1}


def test_what_had_nobody_to_change_is_counted_once_there_is_somebody(engine: Engine) -> None:
    counting = attributes(external_id="u", n={"inc": 1}, _update_existing_only=True)
    first = make_settlement(counting)
    _apply(engine, first, make_settlement(attributes(external_id="u", name="Ada")))
    _apply(engine, _replay(first, counting), _replay(first, counting))
    assert _profile(engine)["custom_attributes"] == {"name": "Ada", "n": 1}


@dataclass(frozen=True, slots=True)
class _Step:
    """One settlement to come: of which event, what kind, which of its operations can be applied."""

    event: int
    kind: str
    fits: tuple[bool, ...]
    throws: bool
    newer: bool


_STEPS = st.builds(
    _Step,
    event=st.integers(0, 2),
    kind=st.sampled_from(["replay", "retry"]),
    fits=st.lists(st.booleans(), min_size=1, max_size=3).map(tuple),
    throws=st.sampled_from([False, False, False, True]),
    newer=st.booleans(),
)


class _Story:
    """Settlements as they come, and what a person would say must be counted by them."""

    def __init__(self, workspace_id: WorkspaceId) -> None:
        self.workspace_id = workspace_id
        self.counted: dict[str, int] = {}
        self._events = [new_event_id() for _ in range(3)]
        self._firsts: dict[EventId, Settlement] = {}
        self._failed: dict[EventId, bool] = {}
        self._attempts: dict[EventId, int] = {}

    def first(self, step: _Step, at: int) -> Settlement:
        event_id = self._events[at]
        made = self._settle(step, at, event_id=event_id)
        self._firsts[event_id] = made
        self._failed[event_id] = self._note(step, at)
        self._attempts[event_id] = 1
        return made

    def next(self, step: _Step) -> Settlement:
        event_id = self._events[step.event]
        first = self._firsts[event_id]
        if step.kind == "replay":
            self._note(step, step.event)
            return self._settle(step, step.event, event_id=event_id, replay_of=first.delivery_id)
        attempt = self._attempts[event_id] + (1 if step.newer else 0)
        if self._failed[event_id] and step.newer:
            self._failed[event_id] = self._note(step, step.event)
            self._attempts[event_id] = attempt
        return self._settle(
            step,
            step.event,
            event_id=event_id,
            delivery_id=first.delivery_id,
            attempt=attempt,
            is_retry=True,
            replay_id=new_replay_id(),
        )

    def _settle(self, step: _Step, at: int, **given: Any) -> Settlement:
        person = {"external_id": "u"}
        operations = [
            attributes(**(person if fits else {}), **{f"k{at}{position}": {"inc": 1}})
            for position, fits in enumerate(step.fits)
        ]
        return make_settlement(
            *(() if step.throws else operations),
            workspace_id=self.workspace_id,
            verdict="failed" if step.throws else "ok",
            **({"delivery_id": new_delivery_id()} | given),
        )

    def _note(self, step: _Step, at: int) -> bool:
        """Note what an effective settlement counts; says whether its delivery fails."""
        if step.throws:
            return True
        for position, fits in enumerate(step.fits):
            if fits:
                self.counted[f"k{at}{position}"] = 1
        return bool(step.fits) and not any(step.fits)


@given(
    firsts=st.tuples(_STEPS, _STEPS, _STEPS),
    steps=st.lists(_STEPS, min_size=2, max_size=10),
    cuts=st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=13, max_size=13),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_each_key_counts_once_if_it_was_ever_applied_whatever_comes_between(
    engine: Engine,
    firsts: tuple[_Step, _Step, _Step],
    steps: list[_Step],
    cuts: list[tuple[int, bool]],
) -> None:
    # Use the number of operations instead of their positions, or leave note() out, to see this fail.
    story = _Story(new_workspace_id())
    stream = [story.first(step, at) for at, step in enumerate(firsts)]
    stream += [story.next(step) for step in steps]
    for size, crashes in cuts:
        batch, stream = stream[:size], stream[size:]
        if crashes:
            _crash_over(engine, batch, story.workspace_id)
        _apply(engine, *batch, workspace_id=story.workspace_id)
    assert not stream
    profile = _profile(engine, story.workspace_id)
    assert profile.get("custom_attributes", {}) == story.counted


def _crash_over(engine: Engine, batch: Sequence[Settlement], workspace_id: WorkspaceId) -> None:
    with suppress(_Crash), writing(engine) as connection:
        apply_batch(connection, workspace_id=workspace_id, settlements=batch, now=NOW)
        raise _Crash
