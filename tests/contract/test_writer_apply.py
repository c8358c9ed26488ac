"""Applying batches of settlements, on each database that we speak to."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, func, select

from tests.support.settlements import (
    WORKSPACE,
    attributes,
    event,
    item,
    make_settlement,
    purchase,
)
from transformer.delivery import State
from transformer.ids import WorkspaceId, new_delivery_id, new_event_id, new_workspace_id
from transformer.operation import JsonObject
from transformer.settlement import Settlement, from_fields, to_fields
from transformer.store.catalogs import create_catalog, list_catalogs
from transformer.store.deliveries import list_deliveries
from transformer.store.engine import reading, writing
from transformer.store.items import read_items
from transformer.store.profiles import find_profiles
from transformer.store.tables import events, profiles
from transformer.writer.apply import Applied, apply_batch

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
ALIAS = {"alias_name": "ada", "alias_label": "shop"}


def _apply(
    engine: Engine,
    *settlements: Settlement,
    workspace_id: WorkspaceId = WORKSPACE,
    now: datetime = NOW,
) -> Applied:
    with writing(engine) as connection:
        return apply_batch(connection, workspace_id=workspace_id, settlements=settlements, now=now)


def _find(engine: Engine, **identifiers: Any) -> list[JsonObject]:
    with reading(engine) as connection:
        return find_profiles(connection, **({"workspace_id": WORKSPACE} | identifiers))


def _log(engine: Engine) -> list[JsonObject]:
    with reading(engine) as connection:
        return list_deliveries(connection, workspace_id=WORKSPACE, limit=100)


def _codes(engine: Engine, settlement: Settlement) -> tuple[str, list[str], list[str]]:
    [row] = [row for row in _log(engine) if row["id"] == settlement.delivery_id]
    return (
        row["outcome"],
        [problem["code"] for problem in row["errors"]],
        [problem["code"] for problem in row["warnings"]],
    )


def _profile_count(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(profiles)).scalar_one()


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        ("ok", State.APPLIED),
        ("skipped", State.SKIPPED),
        ("failed", State.FAILED),
        ("captured", State.CAPTURED),
    ],
)
def test_a_verdict_becomes_a_state(engine: Engine, verdict: str, state: State) -> None:
    settlement = make_settlement(verdict=verdict, transformation_id=None)
    assert _apply(engine, settlement) == Applied(
        1, 0, {state: 1}, {"": 1} if state is State.FAILED else {}
    )
    assert _log(engine)[0]["outcome"] == state.value


def test_a_batch_is_counted(engine: Engine) -> None:
    applied = _apply(
        engine,
        make_settlement(attributes(external_id="u1", a=1), event(external_id="u1", name="x")),
        make_settlement(attributes(a=1)),
        make_settlement(verdict="skipped"),
    )
    assert applied == Applied(
        3,
        2,
        {State.APPLIED: 1, State.FAILED: 1, State.SKIPPED: 1},
        {"missing_identifier": 1},
    )


def test_attributes_come_before_events_before_purchases(engine: Engine) -> None:
    _apply(
        engine,
        make_settlement(
            purchase(external_id="u1", _update_existing_only=True),
            event(external_id="u1", name="x", _update_existing_only=True),
            attributes(external_id="u1", a=1),
        ),
    )
    [profile] = _find(engine, external_id="u1")
    assert profile["total_revenue"] == 1
    assert profile["custom_events"][0]["count"] == 1


def test_a_batch_sees_the_profiles_that_it_made(engine: Engine) -> None:
    _apply(
        engine,
        make_settlement(attributes(external_id="u1", email="a@b.co", n={"inc": 1})),
        make_settlement(attributes(email="a@b.co", n={"inc": 1})),
        make_settlement(attributes(external_id="u1", n={"inc": 1}, email="c@d.co")),
        make_settlement(attributes(email="a@b.co", n={"inc": 1})),
    )
    [known] = _find(engine, external_id="u1")
    [other] = _find(engine, email="a@b.co")
    assert (known["email"], known["custom_attributes"]) == ("c@d.co", {"n": 3})
    assert other["custom_attributes"] == {"n": 1}
    assert "external_id" not in other


def test_a_stored_profile_is_changed_and_not_made_again(engine: Engine) -> None:
    _apply(engine, make_settlement(attributes(external_id="u1", email="a@b.co", a=1, b=1)))
    _apply(engine, make_settlement(attributes(email="a@b.co", a=2, b=None)), now=LATER)
    _apply(engine, make_settlement(event(external_id="u1", name="x")), now=LATER)
    [profile] = _find(engine, external_id="u1")
    assert profile["custom_attributes"] == {"a": 2}
    assert profile["created_at"] == "2026-03-01T12:00:00.000Z"
    assert profile["updated_at"] == "2026-03-01T12:01:00.000Z"
    assert _profile_count(engine) == 1


def test_a_new_address_is_stored(engine: Engine) -> None:
    _apply(engine, make_settlement(attributes(external_id="u1", email="a@b.co")))
    _apply(engine, make_settlement(attributes(external_id="u1", email=None, phone="+33123456")))
    [profile] = _find(engine, phone="+33123456")
    assert "email" not in profile
    assert _find(engine, email="a@b.co") == []


def test_a_primary_identifier_that_finds_nobody_makes_a_second_profile_with_the_email(
    engine: Engine,
) -> None:
    _apply(engine, make_settlement(attributes(external_id="u1", email="a@b.co")))
    _apply(engine, make_settlement(attributes(external_id="u2", email="a@b.co")), now=LATER)
    assert len(_find(engine, email="a@b.co")) == 2
    _apply(engine, make_settlement(attributes(email="a@b.co", latest=True)), now=LATER)
    [second] = _find(engine, external_id="u2")
    assert second["custom_attributes"] == {"latest": True}


def test_of_profiles_updated_in_one_batch_the_last_one_has_the_email(engine: Engine) -> None:
    # Their ids are random within a millisecond: with many pairs no luck helps.
    pairs = range(16)
    _apply(
        engine,
        *(
            make_settlement(attributes(external_id=f"{pair}-{name}", email=f"e{pair}@b.co"))
            for pair in pairs
            for name in ("second", "first", "second")
        ),
    )
    _apply(
        engine,
        *(make_settlement(attributes(email=f"e{pair}@b.co", mine=True)) for pair in pairs),
        now=LATER,
    )
    for pair in pairs:
        assert _find(engine, external_id=f"{pair}-second")[0]["custom_attributes"]
        assert "custom_attributes" not in _find(engine, external_id=f"{pair}-first")[0]


def test_an_alias_finds_its_profile_again(engine: Engine) -> None:
    made = make_settlement(attributes(user_alias=ALIAS, _update_existing_only=False, a=1))
    _apply(engine, made)
    _apply(engine, make_settlement(attributes(user_alias=ALIAS, a=2)))
    [profile] = _find(engine, alias_label="shop", alias_name="ada")
    assert profile["custom_attributes"] == {"a": 2}
    _apply(engine, make_settlement(attributes(braze_id=profile["braze_id"], a=3)))
    [profile] = _find(engine, alias_label="shop", alias_name="ada")
    assert profile["custom_attributes"] == {"a": 3}


@pytest.mark.parametrize(
    "operation",
    [
        attributes(external_id="nobody", _update_existing_only=True, a=1),
        attributes(user_alias=ALIAS, a=1),
        attributes(braze_id="prf_nobody", _update_existing_only=False, a=1),
        event(email="a@b.co", _update_existing_only=True, name="x"),
    ],
)
def test_an_update_of_nobody_is_a_warning(engine: Engine, operation: JsonObject) -> None:
    settlement = make_settlement(operation)
    assert _apply(engine, settlement).operations == 0
    assert _codes(engine, settlement) == ("applied", [], ["no_such_profile"])
    assert _profile_count(engine) == 0


def test_an_operation_that_cannot_be_applied_stops_no_other(engine: Engine) -> None:
    settlement = make_settlement(
        attributes(a=1),
        attributes(external_id="u1", a=1),
        event(external_id="u1", name="x", time="soon"),
    )
    _apply(engine, settlement)
    [row] = _log(engine)
    assert row["outcome"] == "applied"
    assert [(problem["code"], problem["pointer"]) for problem in row["errors"]] == [
        ("missing_identifier", "/attributes/0"),
        ("invalid_time", "/events/0/time"),
    ]
    assert _find(engine, external_id="u1")[0]["custom_attributes"] == {"a": 1}


def test_a_delivery_fails_where_nothing_could_be_applied(engine: Engine) -> None:
    settlement = make_settlement(attributes(external_id="u1", n={"inc": "x"}), event(name="x"))
    _apply(engine, settlement)
    assert _codes(engine, settlement) == (
        "failed",
        ["invalid_increment", "missing_identifier"],
        [],
    )
    assert _profile_count(engine) == 0


def test_what_the_run_told_comes_before_what_the_writer_tells(engine: Engine) -> None:
    settlement = make_settlement(
        attributes(external_id="u1", o={"a": None}), warnings=[{"code": "told_before"}]
    )
    _apply(engine, settlement)
    assert _codes(engine, settlement)[2] == ["told_before", "invalid_nested_value"]


def test_of_one_place_the_log_says_it_once(engine: Engine) -> None:
    told = {"code": "dropped_value", "pointer": "/attributes/0/o/a"}
    settlement = make_settlement(
        attributes(external_id="u1", o={"a": None}, p={"a": None}), warnings=[told]
    )
    _apply(engine, settlement)
    [row] = _log(engine)
    assert [warning["pointer"] for warning in row["warnings"]] == [
        "/attributes/0/o/a",
        "/attributes/0/p/a",
    ]
    assert row["warnings"][0]["code"] == "dropped_value"


def test_an_event_of_several_transformations_is_stored_once(engine: Engine) -> None:
    shared = new_event_id()
    _apply(engine, make_settlement(event_id=shared), make_settlement(event_id=shared))
    _apply(engine, make_settlement(event_id=shared))
    with reading(engine) as connection:
        assert connection.execute(select(events.c.id)).scalars().all() == [shared]
    assert len(_log(engine)) == 3


def test_nothing_of_a_batch_is_there_when_its_transaction_fails(engine: Engine) -> None:
    class Stopped(Exception):
        pass

    def stop(connection: Connection) -> None:
        apply_batch(
            connection,
            workspace_id=WORKSPACE,
            settlements=[make_settlement(attributes(external_id="u1", a=1))],
            now=NOW,
        )
        raise Stopped

    with pytest.raises(Stopped), writing(engine) as connection:
        stop(connection)
    assert _log(engine) == []
    assert _profile_count(engine) == 0


def test_a_nul_character_is_stored_as_a_replacement_character(engine: Engine) -> None:
    settlement = make_settlement(
        attributes(external_id="u1", **{"na\x00me": "a\x00b", "o": {"list": ["\x00"]}}),
        headers={"X-Odd": "\x00"},
        body=b"\x00",
    )
    _apply(engine, settlement)
    _apply(engine, make_settlement(attributes(external_id="u1", other=1)))
    [profile] = _find(engine, external_id="u1")
    assert profile["custom_attributes"] == {
        "na\ufffdme": "a\ufffdb",
        "o": {"list": ["\ufffd"]},
        "other": 1,
    }
    output = _log(engine)[-1]["output"]
    assert output[0]["na\ufffdme"] == "a\ufffdb"


def _replay(settlement: Settlement, *operations: JsonObject) -> Settlement:
    return make_settlement(
        *(operations or settlement.operations),
        event_id=settlement.event_id,
        replay_of=settlement.delivery_id,
    )


_COUNTING = (
    attributes(external_id="u1", n={"inc": 5}, plan="pro"),
    event(external_id="u1", name="x"),
    purchase(external_id="u1", price=3),
)


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in two batches"])
def test_a_replay_counts_nothing_twice_and_sets_again(engine: Engine, together: bool) -> None:
    first = make_settlement(*_COUNTING)
    between = make_settlement(attributes(external_id="u1", plan="free"))
    again = _replay(first)
    if together:
        _apply(engine, first, between, again)
    else:
        _apply(engine, first, between)
        _apply(engine, again)
    [profile] = _find(engine, external_id="u1")
    assert profile["custom_attributes"] == {"n": 5, "plan": "pro"}
    assert profile["custom_events"][0]["count"] == 1
    assert profile["total_revenue"] == 3
    assert _codes(engine, again) == ("applied", [], ["applied_before"])


def test_a_replay_applies_the_operations_that_are_new(engine: Engine) -> None:
    first = make_settlement(_COUNTING[0])
    _apply(engine, first)
    again = _replay(first, *_COUNTING)
    _apply(engine, again, _replay(first, *_COUNTING))
    [profile] = _find(engine, external_id="u1")
    assert profile["custom_attributes"]["n"] == 5
    assert profile["custom_events"][0]["count"] == 1
    assert profile["total_revenue"] == 3


def test_a_replay_of_what_failed_counts_in_full(engine: Engine) -> None:
    failed = make_settlement(verdict="failed")
    _apply(engine, failed)
    again = _replay(failed, *_COUNTING)
    _apply(engine, again)
    assert _codes(engine, again) == ("applied", [], [])
    assert _find(engine, external_id="u1")[0]["custom_attributes"]["n"] == 5


def test_another_transformations_delivery_of_the_event_is_no_matter_to_a_replay(
    engine: Engine,
) -> None:
    captured = make_settlement(verdict="captured", transformation_id=None)
    other = make_settlement(
        *_COUNTING,
        event_id=captured.event_id,
        transformation_id=None,
    )
    _apply(engine, captured, other)
    again = _replay(captured, *_COUNTING)
    _apply(engine, again)
    assert _find(engine, external_id="u1")[0]["custom_attributes"]["n"] == 10


def _create_products(engine: Engine) -> None:
    with writing(engine) as connection:
        create_catalog(
            connection,
            workspace_id=WORKSPACE,
            name="products",
            description="",
            fields=[
                {"name": "id", "type": "string"},
                {"name": "stock", "type": "number"},
                {"name": "tags", "type": "array"},
            ],
            now=NOW,
        )


def _items(engine: Engine) -> list[JsonObject]:
    with reading(engine) as connection:
        return read_items(
            connection, workspace_id=WORKSPACE, catalog_name="products", after=None, limit=100
        )


def test_items_are_put_patched_and_deleted_across_batches(engine: Engine) -> None:
    _create_products(engine)
    _apply(
        engine,
        make_settlement(
            item("put", "products", id="mug", stock=1, tags=["a"]),
            item("put", "products", id="cup", stock=1),
        ),
    )
    _apply(
        engine,
        make_settlement(item("patch", "products", id="mug", tags={"$add": ["b"]})),
        make_settlement(item("delete", "products", id="cup")),
        now=LATER,
    )
    assert _items(engine) == [{"id": "mug", "stock": 1, "tags": ["a", "b"]}]
    with reading(engine) as connection:
        [catalog] = list_catalogs(connection, workspace_id=WORKSPACE)
    assert catalog["updated_at"] == "2026-03-01T12:01:00.000Z"


def test_an_unknown_catalog_fails_the_delivery(engine: Engine) -> None:
    settlement = make_settlement(item("put", "products", id="mug"))
    _apply(engine, settlement)
    [row] = _log(engine)
    assert row["outcome"] == "failed"
    assert row["errors"][0]["code"] == "catalog_not_found"
    assert "POST /catalogs" in row["errors"][0]["hint"]


def test_one_field_that_is_not_in_the_catalog_fails_the_whole_delivery(engine: Engine) -> None:
    _create_products(engine)
    settlement = make_settlement(
        attributes(external_id="u1", a=1),
        item("put", "products", id="mug", stock=1),
        item("put", "products", id="cup", colour="red"),
    )
    _apply(engine, settlement)
    assert _codes(engine, settlement) == ("failed", ["invalid_fields"], [])
    assert _log(engine)[0]["errors"][0]["pointer"] == "/items/1/colour"
    assert _items(engine) == []
    assert _profile_count(engine) == 0


def test_a_missing_item_is_an_error_beside_those_that_are_there(engine: Engine) -> None:
    _create_products(engine)
    _apply(engine, make_settlement(item("put", "products", id="mug", stock=1)))
    settlement = make_settlement(
        item("patch", "products", id="cup", stock=2), item("patch", "products", id="mug", stock=2)
    )
    missing = make_settlement(item("delete", "products", id="cup"))
    _apply(engine, settlement, missing)
    assert _codes(engine, settlement) == ("applied", ["item_not_found"], [])
    assert _codes(engine, missing) == ("failed", ["item_not_found"], [])
    assert _items(engine) == [{"id": "mug", "stock": 2}]


def test_a_settlement_that_went_through_the_queue_is_applied_alike(engine: Engine) -> None:
    _create_products(engine)
    settlement = make_settlement(
        attributes(external_id="u1", n=1), item("put", "products", id="mug"), body=b"\xff\x00"
    )
    fields = [part.encode() if isinstance(part, str) else part for part in to_fields(settlement)]
    _apply(engine, *from_fields(fields))
    assert _codes(engine, settlement) == ("applied", [], [])


def test_hundreds_of_identifiers_of_each_kind_are_found_in_one_batch(engine: Engine) -> None:
    def batch(number: int) -> list[JsonObject]:
        alias = {"alias_name": f"n{number}", "alias_label": "l"}
        return [
            attributes(external_id=f"u{number}", n={"inc": 1}),
            attributes(email=f"e{number}@b.co", n={"inc": 1}),
            attributes(phone=f"+3312345{number:04}", n={"inc": 1}),
            attributes(user_alias=alias, _update_existing_only=False, n={"inc": 1}),
        ]

    for _ in range(2):
        _apply(engine, *(make_settlement(*batch(number)) for number in range(600)))
    assert _profile_count(engine) == 2400
    for identifiers in (
        {"external_id": "u599"},
        {"email": "e599@b.co"},
        {"phone": "+33123450599"},
        {"alias_label": "l", "alias_name": "n599"},
    ):
        [profile] = _find(engine, **identifiers)
        assert profile["custom_attributes"] == {"n": 2}


def _group(state: str) -> JsonObject:
    group_id = "11111111-2222-3333-4444-555555555555"
    return {"subscription_group_id": group_id, "subscription_state": state}


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_a_subscription_holds_for_all_who_have_the_email(
    engine: Engine, in_one_batch: bool
) -> None:
    # Without _addresses_of_subscriptions in gather.py u2, whom nothing in the batch names, is left out.
    _apply(
        engine,
        make_settlement(attributes(external_id="u1", email="old@b.co")),
        make_settlement(attributes(external_id="u2", email="a@b.co")),
        make_settlement(attributes(external_id="u3", email="old@b.co")),
    )
    stream = [
        make_settlement(attributes(external_id="u1", email="a@b.co")),
        make_settlement(attributes(external_id="u1", subscription_groups=[_group("subscribed")])),
    ]
    for batch in [stream] if in_one_batch else [[one] for one in stream]:
        _apply(engine, *batch, now=LATER)
    held = {
        name: _find(engine, external_id=name)[0].get("subscription_groups")
        for name in ("u1", "u2", "u3")
    }
    assert held == {"u1": [_group("subscribed")], "u2": [_group("subscribed")], "u3": None}


_people: st.SearchStrategy[JsonObject] = st.sampled_from(
    [
        {"external_id": "u1"},
        {"external_id": "u2", "email": "a@b.co"},
        {"external_id": "u1", "email": "c@d.co"},
        {"email": "a@b.co"},
        {"email": "c@d.co", "phone": "+33123456"},
        {"phone": "+33123456"},
        {"user_alias": ALIAS, "_update_existing_only": False},
        {"user_alias": ALIAS},
        {"external_id": "u3", "_update_existing_only": True},
        {},
    ]
)
_changes: st.SearchStrategy[JsonObject] = st.sampled_from(
    [
        {"a": 1},
        {"a": None},
        {"a": "text"},
        {"a": {"inc": 2}},
        {"b": {"add": ["x", "y"]}},
        {"b": {"remove": ["x"]}},
        {"b": {"$add": [{"id": 1}]}},
        {"c": {"d": 1}, "_merge_objects": True},
        {"c": {"e": 2}, "_merge_objects": True},
        {"first_name": "Ada"},
        {"at": "01/02/2026"},
        {"subscription_groups": [_group("subscribed")]},
        {"subscription_groups": [_group("unsubscribed")]},
    ]
)


@st.composite
def _operations(draw: st.DrawFn) -> list[JsonObject]:
    made = []
    for _ in range(draw(st.integers(0, 3))):
        person = draw(_people)
        match draw(st.sampled_from(["attributes", "event", "purchase", "put", "patch", "delete"])):
            case "attributes":
                made.append(attributes(**person, **draw(_changes)))
            case "event":
                made.append(event(**person, name=draw(st.sampled_from("xy"))))
            case "purchase":
                made.append(purchase(**person, price=draw(st.sampled_from([1, 0.1]))))
            case kind:
                made.append(item(kind, "products", id=draw(st.sampled_from("pq")), stock=1))
    return made


def _everything(engine: Engine, workspace_id: WorkspaceId) -> tuple[list[Any], list[Any]]:
    """Give all that was written, but for ids and times, which differ from run to run."""
    found: dict[str, JsonObject] = {}
    for identifiers in (
        {"external_id": "u1"},
        {"external_id": "u2"},
        {"external_id": "u3"},
        {"email": "a@b.co"},
        {"email": "c@d.co"},
        {"phone": "+33123456"},
        {"alias_label": "shop", "alias_name": "ada"},
    ):
        for profile in _find(engine, workspace_id=workspace_id, **identifiers):
            found[profile["braze_id"]] = profile
    for profile in found.values():
        for name in ("braze_id", "created_at", "updated_at"):
            del profile[name]
    with reading(engine) as connection:
        log = list_deliveries(connection, workspace_id=workspace_id, limit=1000)
        items = read_items(
            connection, workspace_id=workspace_id, catalog_name="products", after=None, limit=9
        )
    told = [(row["id"], row["outcome"], row["errors"], row["warnings"]) for row in log]
    return [*sorted(map(repr, found.values())), *items], told


def _applied_in(engine: Engine, batches: Sequence[Sequence[Settlement]]) -> Any:
    workspace_id = new_workspace_id()
    with writing(engine) as connection:
        create_catalog(
            connection,
            workspace_id=workspace_id,
            name="products",
            description="",
            fields=[{"name": "id", "type": "string"}, {"name": "stock", "type": "number"}],
            now=NOW,
        )
    ids: dict[str, str] = {}
    for number, batch in enumerate(batches):
        _apply(
            engine,
            *(_moved(settlement, workspace_id, ids) for settlement in batch),
            workspace_id=workspace_id,
            now=NOW + timedelta(seconds=number),
        )
    written, told = _everything(engine, workspace_id)
    back = {new: old for old, new in ids.items()}
    return written, sorted((back[delivery], *others) for delivery, *others in told)


def _moved(settlement: Settlement, workspace_id: WorkspaceId, ids: dict[str, str]) -> Settlement:
    delivery_id = new_delivery_id()
    ids[settlement.delivery_id] = delivery_id
    return make_settlement(
        *settlement.operations,
        workspace_id=workspace_id,
        delivery_id=delivery_id,
        event_id=settlement.event_id,
        replay_of=settlement.replay_of,
    )


@given(
    operations=st.lists(_operations(), min_size=1, max_size=6),
    replayed=st.sets(st.integers(0, 5)),
    cut=st.integers(0, 12),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_where_a_stream_is_cut_into_batches_makes_no_difference(
    engine: Engine, operations: list[list[JsonObject]], replayed: set[int], cut: int
) -> None:
    stream = [make_settlement(*asked) for asked in operations]
    stream += [_replay(stream[number]) for number in sorted(replayed) if number < len(stream)]
    whole = _applied_in(engine, [stream])
    assert _applied_in(engine, [stream[:cut], stream[cut:]]) == whole
    assert _applied_in(engine, [[settlement] for settlement in stream]) == whole
