"""Rules of a workspace: kept, looked up while they are in force, and obeyed by writer and dry run."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.support.api import StillClock
from tests.support.settlements import WORKSPACE, attributes, make_settlement, purchase
from tests.support.settlements import event as happened
from transformer.errors import Conflict, NotFound
from transformer.ids import ForwardId, WorkspaceId, new_workspace_id
from transformer.operation import JsonObject
from transformer.rules import MAX_RULES, BlockedKind, BlockedName, ForcedType
from transformer.settlement import Settlement
from transformer.store.deliveries import list_deliveries
from transformer.store.engine import reading, snapshot, writing
from transformer.store.outbox import Target, read_waiting
from transformer.store.profiles import find_profiles
from transformer.store.rules import (
    RulesInForce,
    block_name,
    force_type,
    let_type,
    list_blocked,
    list_forced,
    read_rules,
    unblock_name,
)
from transformer.store.tables import forced_types
from transformer.writer.apply import apply_batch
from transformer.writer.dry_run import dry_run

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SEEN = BlockedName(BlockedKind.EVENT, "seen")
MUG = BlockedName(BlockedKind.PRODUCT, "mug")
SSN = BlockedName(BlockedKind.ATTRIBUTE, "ssn")
IP = BlockedName(BlockedKind.EVENT_PROPERTY, "ip", "bought")


def _force(
    engine: Engine, name: str, forced: ForcedType, workspace_id: WorkspaceId = WORKSPACE
) -> None:
    with writing(engine) as connection:
        force_type(connection, workspace_id=workspace_id, name=name, forced=forced, now=NOW)


def _block(engine: Engine, *names: BlockedName) -> None:
    with writing(engine) as connection:
        for named in names:
            block_name(connection, workspace_id=WORKSPACE, named=named, now=NOW)


def _apply(engine: Engine, *settlements: Settlement, forwards: Any = ()) -> None:
    with writing(engine) as connection:
        apply_batch(
            connection,
            workspace_id=WORKSPACE,
            settlements=settlements,
            now=NOW,
            forwards=forwards,
            rules=read_rules(connection, workspace_id=WORKSPACE),
        )


def _profile(engine: Engine) -> JsonObject:
    with reading(engine) as connection:
        (found,) = find_profiles(connection, workspace_id=WORKSPACE, external_id="u")
    return found


def _log(engine: Engine) -> list[tuple[str, list[str]]]:
    with reading(engine) as connection:
        log = list_deliveries(connection, workspace_id=WORKSPACE, limit=9)
    return [
        (row["outcome"], sorted(problem["pointer"] for problem in row["warnings"])) for row in log
    ]


def test_a_type_is_forced_changed_and_let_go(engine: Engine) -> None:
    _force(engine, "plan", ForcedType.STRING)
    _force(engine, "plan", ForcedType.NUMBER)
    _force(engine, "plan", ForcedType.TIME, new_workspace_id())
    with writing(engine) as connection:
        found = list_forced(connection, workspace_id=WORKSPACE)
        assert [(one.name, one.type) for one in found] == [("plan", ForcedType.NUMBER)]
        let_type(connection, workspace_id=WORKSPACE, name="plan")
        assert list_forced(connection, workspace_id=WORKSPACE) == []
        with pytest.raises(NotFound):
            let_type(connection, workspace_id=WORKSPACE, name="plan")


def test_a_name_is_blocked_once_and_let_go(engine: Engine) -> None:
    _block(engine, SEEN, SEEN, IP)
    with writing(engine) as connection:
        found = list_blocked(connection, workspace_id=WORKSPACE)
        assert [one.named for one in found] == [SEEN, IP]
        unblock_name(connection, workspace_id=WORKSPACE, named=IP)
        with pytest.raises(NotFound):
            unblock_name(connection, workspace_id=WORKSPACE, named=IP._replace(of="sold"))
        assert [one.named for one in list_blocked(connection, workspace_id=WORKSPACE)] == [SEEN]


def test_rules_are_bounded(engine: Engine) -> None:
    with writing(engine) as connection:
        row = {"workspace_id": WORKSPACE, "type": "string", "created_at": ""}
        rows = [{**row, "name": f"a{at}"} for at in range(MAX_RULES)]
        connection.execute(forced_types.insert(), rows)
    _force(engine, "a7", ForcedType.NUMBER)
    with pytest.raises(Conflict):
        _force(engine, "one more", ForcedType.NUMBER)


def test_rules_are_read_again_when_the_configuration_changed_or_after_a_while(
    engine: Engine,
) -> None:
    # Leave out either half of the condition in RulesInForce.of to see this fail.
    clock = StillClock()
    clock.advance(60)
    rules = RulesInForce(engine, clock)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert rules.of(WORKSPACE, "1") is None
    _block(engine, SEEN)
    asked.clear()
    assert rules.of(WORKSPACE, "1") is None
    assert asked == []
    found = rules.of(WORKSPACE, "2")
    assert found is not None
    assert found.events == {"seen"}
    _block(engine, BlockedName(BlockedKind.EVENT, "met"))
    clock.advance(5.1)
    later = rules.of(WORKSPACE, "2")
    assert later is not None
    assert later.events == {"seen", "met"}
    assert rules.of(new_workspace_id(), "2") is None


def test_the_writer_obeys_and_tells(engine: Engine) -> None:
    _force(engine, "age", ForcedType.NUMBER)
    _block(engine, SEEN, MUG, SSN)
    _apply(
        engine,
        make_settlement(
            attributes(external_id="u", age="42", ssn="123"),
            attributes(external_id="u", age="old", plan="pro"),
            happened(external_id="u", name="seen"),
            purchase(external_id="u"),
            happened(external_id="u", name="met"),
        ),
        make_settlement(happened(external_id="nobody", name="seen")),
    )
    profile = _profile(engine)
    assert profile["custom_attributes"] == {"age": 42, "plan": "pro"}
    assert [one["name"] for one in profile["custom_events"]] == ["met"]
    assert profile.get("purchases", []) == []
    assert profile.get("total_revenue", 0) == 0
    nobody, ruled = _log(engine)
    assert nobody == ("applied", ["/events/0/name"])
    assert ruled == (
        "applied",
        ["/attributes/0/ssn", "/attributes/1/age", "/events/0/name", "/purchases/0/product_id"],
    )
    with reading(engine) as connection:
        assert not find_profiles(connection, workspace_id=WORKSPACE, external_id="nobody")


def test_a_replay_counts_what_is_taken_in_again(engine: Engine) -> None:
    # Leave plan.blocked out of the positions in writer/settle.py to see this fail.
    _block(engine, SEEN)
    first = make_settlement(
        happened(external_id="u", name="seen"), happened(external_id="u", name="met")
    )
    _apply(engine, first)
    with writing(engine) as connection:
        unblock_name(connection, workspace_id=WORKSPACE, named=SEEN)
    for _ in range(2):
        again = make_settlement(
            happened(external_id="u", name="seen"),
            happened(external_id="u", name="met"),
            event_id=first.event_id,
            replay_of=first.delivery_id,
        )
        _apply(engine, again)
    counts = {one["name"]: one["count"] for one in _profile(engine)["custom_events"]}
    assert counts == {"seen": 1, "met": 1}


def test_a_dry_run_foretells_it(engine: Engine) -> None:
    # Leave the rules out of dry_run to see this fail.
    _force(engine, "age", ForcedType.NUMBER)
    _block(engine, SEEN)
    settlement = make_settlement(
        attributes(external_id="u", age="42"), happened(external_id="u", name="seen")
    )
    with snapshot(engine) as connection:
        found = dry_run(connection, workspace_id=WORKSPACE, settlements=[settlement], now=NOW)
    (settled,) = found.settled
    assert settled is not None
    assert [problem.code for problem in settled.warnings] == ["blocked_name"]
    (told,) = found.as_json()["diff"]
    assert [change["after"] for change in told["changes"] if "age" in change["path"]] == [42]
    assert "seen" not in str(told["changes"])


def test_what_is_blocked_is_not_forwarded(engine: Engine) -> None:
    _force(engine, "age", ForcedType.NUMBER)
    _block(engine, SEEN, SSN, IP)
    forward_id = ForwardId("fwd_" + "0" * 32)
    _apply(
        engine,
        make_settlement(
            attributes(external_id="u", age="42", ssn="123"),
            happened(external_id="u", name="seen"),
            happened(external_id="u", name="bought", properties={"ip": "::1", "ok": True}),
        ),
        forwards=[Target(forward_id, is_full=False)],
    )
    with reading(engine) as connection:
        waiting = read_waiting(connection, forward_id=forward_id, limit=9)
    assert b"42" in waiting[0].object
    assert [(one.kind, b"ssn" in one.object, b"::1" in one.object) for one in waiting] == [
        ("attributes", False, False),
        ("event", False, False),
    ]
    assert b'"ok":true' in waiting[1].object
