"""Who set what: the rules, and that the trail tells the truth, on each database that we speak to."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete, select

from tests.support.settlements import (
    WORKSPACE,
    attributes,
    event,
    item,
    make_settlement,
    purchase,
)
from tests.support.trails import briefly
from transformer.ids import DeliveryId, ProfileId, WorkspaceId, new_delivery_id, new_workspace_id
from transformer.operation import JsonObject
from transformer.settlement import Settlement
from transformer.store.catalogs import create_catalog
from transformer.store.deliveries import list_deliveries
from transformer.store.engine import reading, writing
from transformer.store.history import Subject, item_subject, profile_subject, read_entries
from transformer.store.tables import catalog_items, catalogs, deliveries, profiles
from transformer.trail import entries_with_earlier, latest
from transformer.writer.apply import apply_batch
from transformer.writer.provenance import MAX_TOLD_LENGTH

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ALIAS = {"alias_name": "ada", "alias_label": "shop"}


def _apply(
    engine: Engine, *settlements: Settlement, workspace_id: WorkspaceId = WORKSPACE, second: int = 0
) -> None:
    now = NOW + timedelta(seconds=second)
    with writing(engine) as connection:
        apply_batch(connection, workspace_id=workspace_id, settlements=settlements, now=now)


def _make_catalog(engine: Engine, workspace_id: WorkspaceId = WORKSPACE) -> None:
    fields = [
        {"name": "id", "type": "string"},
        {"name": "stock", "type": "number"},
        {"name": "tags", "type": "array"},
    ]
    with writing(engine) as connection:
        create_catalog(
            connection,
            workspace_id=workspace_id,
            name="products",
            description="",
            fields=fields,
            now=NOW,
        )


def _subject(engine: Engine, external_id: str = "u") -> Subject:
    found = select(profiles.c.id).where(profiles.c.external_id == external_id)
    with reading(engine) as connection:
        profile_id = ProfileId(connection.scalars(found).one())
        return profile_subject(connection, workspace_id=WORKSPACE, profile_id=profile_id)


def _item(engine: Engine, item_id: str = "mug") -> Subject:
    with reading(engine) as connection:
        return item_subject(
            connection, workspace_id=WORKSPACE, catalog_name="products", item_id=item_id
        )


def _set_by(subject: Subject, *deliveries: Settlement) -> JsonObject:
    """Name deliveries by their place among the given ones."""
    numbers = {one.delivery_id: number for number, one in enumerate(deliveries)}

    def numbered(held: Any) -> Any:
        if isinstance(held, dict):
            return {name: numbered(value) for name, value in held.items()}
        return numbers[held]

    return {name: numbered(held) for name, held in subject.setters().items()}


def _changes(engine: Engine, settlement: Settlement) -> list[JsonObject]:
    with reading(engine) as connection:
        log = list_deliveries(connection, workspace_id=WORKSPACE, limit=100)
    [row] = [row for row in log if row["id"] == settlement.delivery_id]
    changes = [briefly(record) for record in row["changes"]]
    for record in changes:
        record.pop("profile_id", None)
    return changes


def test_each_value_names_the_delivery_that_set_it(engine: Engine) -> None:
    first = make_settlement(
        attributes(external_id="u", email="a@b.co", first_name="Ada", plan="free", city="Lyon"),
        event(external_id="u", name="signed_up"),
    )
    second = make_settlement(
        attributes(email="a@b.co", plan="pro"), purchase(external_id="u", price=3)
    )
    third = make_settlement(
        attributes(external_id="u", email="c@d.co"), event(external_id="u", name="signed_up")
    )
    _apply(engine, first)
    _apply(engine, second, third)
    assert _set_by(_subject(engine), first, second, third) == {
        "external_id": 0,
        "email": 2,
        "first_name": 0,
        "custom_attributes": {"city": 0, "plan": 1},
        "custom_events": {"signed_up": 2},
        "purchases": {"mug": 1},
        "total_revenue": 1,
    }


@pytest.mark.parametrize(
    ("rule", "held", "given", "changes"),
    [
        ("the same text again changes nothing", "x", "x", False),
        ("another text changes it", "x", "y", True),
        ("1 and 1.0 are one number", 1, 1.0, False),
        ("1 and true are two values", 1, True, True),
        ("false and 0 are two values", False, 0, True),
        ("the same list again changes nothing", ["a", "b"], ["a", "b"], False),
        ("a list in another order is another", ["a", "b"], ["b", "a"], True),
        ("a list with true for 1 is another", [1], [True], True),
        ("an object's keys have no order", {"a": 1, "b": 2}, {"b": 2, "a": 1}, False),
        ("an object deep inside which a value differs is another", {"a": [{"b": 1}]},
         {"a": [{"b": True}]}, True),
        ("what is added to an array changes it", ["a"], {"add": ["b"]}, True),
        ("what an array holds already and is added changes nothing", ["a"], {"add": ["a"]}, False),
        ("an increment changes a number", 1, {"inc": 1}, True),
        ("an increment by 0 changes nothing", 1, {"inc": 0}, False),
    ],
)  # fmt: skip
def test_a_value_is_set_by_the_delivery_that_changed_it(
    engine: Engine, rule: str, held: Any, given: Any, changes: bool
) -> None:
    first = make_settlement(attributes(external_id="u", a=held))
    second = make_settlement(attributes(external_id="u", a=given))
    _apply(engine, first)
    _apply(engine, second)
    found = _set_by(_subject(engine), first, second)["custom_attributes"]
    assert found == {"a": int(changes)}, rule
    told = _changes(engine, second)
    assert [record["set"].keys() for record in told] == ([{"a:a": 0}.keys()] if changes else [])


def test_what_is_removed_has_no_setter_and_stands_in_the_log(engine: Engine) -> None:
    first = make_settlement(attributes(external_id="u", a=1, first_name="Ada"))
    second = make_settlement(attributes(external_id="u", a=None, first_name=None))
    again = make_settlement(attributes(external_id="u", a=1))
    _apply(engine, first, second)
    assert _set_by(_subject(engine), first, second) == {"external_id": 0}
    assert _changes(engine, second) == [
        {"set": {"a:a": [1, None], "f:first_name": ["Ada", None]}},
    ]
    _apply(engine, again)
    assert _set_by(_subject(engine), first, second, again)["custom_attributes"] == {"a": 2}


def test_what_a_delivery_changes_and_takes_back_is_not_changed(engine: Engine) -> None:
    # To see it fail: leave the look at the first value out of ProfileChanges.note.
    first = make_settlement(attributes(external_id="u", a=1))
    second = make_settlement(
        attributes(external_id="u", a=2, b=1),
        attributes(external_id="u", a=1, b=None),
        attributes(external_id="u", c=1),
    )
    _apply(engine, first)
    _apply(engine, second)
    assert _set_by(_subject(engine), first, second)["custom_attributes"] == {"a": 0, "c": 1}
    assert _changes(engine, second) == [{"set": {"a:c": [None, 1]}}]


def test_two_changes_of_a_value_in_one_delivery_are_told_as_one(engine: Engine) -> None:
    first = make_settlement(attributes(external_id="u", n=1))
    second = make_settlement(*[attributes(external_id="u", n={"inc": 1})] * 3)
    _apply(engine, first, second)
    assert _changes(engine, second) == [{"set": {"a:n": [1, 4]}}]


def test_the_log_tells_who_was_made_and_what_was_counted(engine: Engine) -> None:
    made = make_settlement(
        attributes(user_alias=ALIAS, _update_existing_only=False),
        event(external_id="u", name="x"),
        event(external_id="u", name="x"),
        purchase(external_id="u", price=2, product_id="cup"),
    )
    _apply(engine, made)
    assert _changes(engine, made) == [
        {"created": True, "aliases_added": [ALIAS]},
        {
            "created": True,
            "set": {"f:external_id": [None, "u"], "f:total_revenue": [0, 2]},
            "counted": {"e:x": [1, 2], "p:cup": [3]},
        },
    ]


def test_what_changes_nothing_leaves_no_trace(engine: Engine) -> None:
    first = make_settlement(attributes(external_id="u", a=1))
    idle = [
        make_settlement(attributes(external_id="u", a=1)),
        make_settlement(attributes(external_id="u", a={"inc": "x"})),
        make_settlement(verdict="skipped"),
        make_settlement(attributes(external_id="nobody", _update_existing_only=True, a=1)),
    ]
    _apply(engine, first, *idle)
    assert latest(_subject(engine).trail.deliveries) == [first.delivery_id]
    assert [_changes(engine, one) for one in idle] == [[], [], [], []]


def _replay(settlement: Settlement) -> Settlement:
    return make_settlement(
        *settlement.operations, event_id=settlement.event_id, replay_of=settlement.delivery_id
    )


def test_a_replay_sets_what_it_changes_and_counts_nothing(engine: Engine) -> None:
    first = make_settlement(
        attributes(external_id="u", plan="pro", n={"inc": 1}), event(external_id="u", name="x")
    )
    second = make_settlement(attributes(external_id="u", plan="free"))
    again, idle = _replay(first), _replay(first)
    _apply(engine, first, second)
    _apply(engine, again, idle)
    subject = _subject(engine)
    found = _set_by(subject, first, second, again)
    assert found["custom_attributes"] == {"n": 0, "plan": 2}
    assert found["custom_events"] == {"x": 0}
    assert latest(subject.trail.deliveries) == [one.delivery_id for one in (again, second, first)]


def test_a_retry_sets_values_under_the_id_of_its_delivery(engine: Engine) -> None:
    failed = make_settlement(verdict="failed")
    between = make_settlement(attributes(external_id="u", a=1))
    tried = make_settlement(
        attributes(external_id="u", a=2),
        event_id=failed.event_id,
        delivery_id=failed.delivery_id,
        attempt=2,
        is_retry=True,
    )
    late = make_settlement(
        attributes(external_id="u", a=3),
        event_id=failed.event_id,
        delivery_id=failed.delivery_id,
        attempt=2,
        is_retry=True,
    )
    _apply(engine, failed)
    _apply(engine, between)
    _apply(engine, tried)
    _apply(engine, late)
    subject = _subject(engine)
    assert _set_by(subject, between, tried)["custom_attributes"] == {"a": 1}
    assert latest(subject.trail.deliveries) == [tried.delivery_id, between.delivery_id]
    assert _changes(engine, tried) == [{"set": {"a:a": [1, 2]}}]


def test_a_profile_of_before_has_setters_from_now_on(engine: Engine) -> None:
    row = {
        "id": "prf_" + "a" * 32,
        "workspace_id": WORKSPACE,
        "external_id": "u",
        "email": None,
        "phone": None,
        "document": {"order": 1, "custom_attributes": {"old": 1, "other": 1}},
        "created_at": "2026-01-01T00:00:00.000Z",
        "updated_at": "2026-01-01T00:00:00.000Z",
    }
    with writing(engine) as connection:
        connection.execute(profiles.insert(), row)
    assert _subject(engine).setters() == {}
    first = make_settlement(attributes(external_id="u", old=2, new=1))
    second = make_settlement(attributes(external_id="u", new=2))
    _apply(engine, first)
    _apply(engine, second)
    assert _set_by(_subject(engine), first, second) == {"custom_attributes": {"old": 0, "new": 1}}


def test_each_field_of_an_item_names_the_delivery_that_set_it(engine: Engine) -> None:
    _make_catalog(engine)
    first = make_settlement(item("put", "products", id="mug", stock=1, tags=["a"]))
    second = make_settlement(item("patch", "products", id="mug", tags={"$add": ["b"]}))
    third = make_settlement(item("put", "products", id="mug", stock=1, tags=["a", "b"]))
    _apply(engine, first)
    _apply(engine, second, third)
    subject = _item(engine)
    assert _set_by(subject, first, second, third) == {"stock": 0, "tags": 1}
    assert latest(subject.trail.deliveries) == [second.delivery_id, first.delivery_id]
    named = {"catalog_name": "products", "item_id": "mug"}
    assert _changes(engine, first) == [
        {**named, "created": True, "set": {"f:stock": [None, 1], "f:tags": [None, ["a"]]}}
    ]
    assert _changes(engine, second) == [{**named, "set": {"f:tags": [["a"], ["a", "b"]]}}]
    assert _changes(engine, third) == []


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in three batches"])
def test_an_item_that_was_deleted_begins_anew(engine: Engine, together: bool) -> None:
    # To see it fail: let ItemChanges.credit keep the trail of what is deleted.
    _make_catalog(engine)
    deliveries = [
        make_settlement(item("put", "products", id="mug", stock=1)),
        make_settlement(item("delete", "products", id="mug")),
        make_settlement(item("put", "products", id="mug", stock=1)),
    ]
    for batch in [deliveries] if together else [[one] for one in deliveries]:
        _apply(engine, *batch)
    assert latest(_item(engine).trail.deliveries) == [deliveries[2].delivery_id]
    assert _set_by(_item(engine), *deliveries) == {"stock": 2}
    [record] = _changes(engine, deliveries[1])
    assert (record["deleted"], record["set"]) == (True, {"f:stock": [1, None]})


def test_a_transaction_that_fails_leaves_no_trace_and_the_next_one_tells_the_truth(
    engine: Engine,
) -> None:
    class Stopped(Exception):
        pass

    def stop(connection: Connection) -> None:
        apply_batch(connection, workspace_id=WORKSPACE, settlements=[second], now=NOW)
        raise Stopped

    first = make_settlement(attributes(external_id="u", a=1))
    second = make_settlement(attributes(external_id="u", a=2), event(external_id="u", name="x"))
    _apply(engine, first)
    for _ in range(2):
        with pytest.raises(Stopped), writing(engine) as connection:
            stop(connection)
        assert latest(_subject(engine).trail.deliveries) == [first.delivery_id]
    _apply(engine, second)
    subject = _subject(engine)
    assert latest(subject.trail.deliveries) == [second.delivery_id, first.delivery_id]
    assert _set_by(subject, first, second)["custom_attributes"] == {"a": 1}


def test_a_long_value_is_told_by_its_length(engine: Engine) -> None:
    # To see it fail: let _told in writer/provenance.py give every value.
    long = [f"element {number}" for number in range(400)]
    first = make_settlement(attributes(external_id="u", a=long, b=["short"]))
    second = make_settlement(attributes(external_id="u", a={"add": ["another"]}))
    _apply(engine, first, second)
    [record] = _changes(engine, first)
    assert record["set"]["a:a"] == [None, {"$length": len(orjson.dumps(long))}]
    assert record["set"]["a:b"] == [None, ["short"]]
    [record] = _changes(engine, second)
    assert len(orjson.dumps(record)) < MAX_TOLD_LENGTH / 4


def test_a_profile_that_is_changed_without_end_keeps_its_size(engine: Engine) -> None:
    """Bounded cost: what provenance adds to a profile depends on its values alone."""
    # To see it fail: take the fold out of enter() in trail.py.
    _apply(engine, make_settlement(attributes(external_id="u", n=0, m=0)))
    sizes: list[int] = []
    for batch in range(12):
        _apply(
            engine,
            *(
                make_settlement(
                    attributes(external_id="u", n=batch * 100 + number),
                    *([event(external_id="u", name="x")] if number % 2 else []),
                )
                for number in range(100)
            ),
        )
        with reading(engine) as connection:
            document = connection.scalars(select(profiles.c.document)).one()
        trail = [document.get(name) for name in ("deliveries", "places", "earlier")]
        sizes.append(len(orjson.dumps(trail)))
    assert max(sizes) < 23 * 70


def test_what_left_a_trail_is_found_in_the_log(engine: Engine) -> None:
    # To see it fail: leave "earlier" out of the record in writer/provenance.py.
    _make_catalog(engine)
    applied = [
        make_settlement(
            attributes(external_id="u", n=number),
            item("put", "products", id="mug", stock=number),
            *([event(external_id="u", name="x")] if number % 3 else []),
        )
        for number in range(240)
    ]
    for start in range(0, 240, 60):
        _apply(engine, *applied[start : start + 60])
    ids = [one.delivery_id for one in reversed(applied)]
    eventful = [one.delivery_id for one in reversed(applied) if len(one.operations) == 3]
    for subject in (_subject(engine), _item(engine)):
        assert _entries(engine, subject, limit=500) == ids
        assert _entries(engine, subject, limit=37) == ids[:37]
    assert _entries(engine, _subject(engine), limit=100, eventful_only=True) == eventful[:100]


def test_a_gap_in_the_log_hides_no_more_than_what_stood_there(engine: Engine) -> None:
    # To see it fail: let a trail name the last entry of the log alone.
    applied = [make_settlement(attributes(external_id="u", n=number)) for number in range(240)]
    _apply(engine, *applied)
    subject = _subject(engine)
    last = entries_with_earlier(subject.trail.earlier)[0]
    with writing(engine) as connection:
        connection.execute(delete(deliveries).where(deliveries.c.id == last))
    ids = [one.delivery_id for one in reversed(applied)]
    found = _entries(engine, subject, limit=500)
    assert found == [id_ for id_ in ids if id_ in found]
    assert len(ids) - len(found) < 40
    assert {ids[0], ids[-1], last} <= set(found)


def _entries(
    engine: Engine, subject: Subject, *, limit: int, eventful_only: bool = False
) -> list[str]:
    with reading(engine) as connection:
        found = read_entries(
            connection,
            subject,
            workspace_id=WORKSPACE,
            limit=limit,
            eventful_only=eventful_only,
        )
    return [entry.origin["delivery_id"] for entry in found]


_PEOPLE: st.SearchStrategy[JsonObject] = st.sampled_from(
    [
        {"external_id": "u1"},
        {"external_id": "u2", "email": "a@b.co"},
        {"external_id": "u1", "email": "c@d.co"},
        {"email": "a@b.co"},
        {"email": "c@d.co", "phone": "+33123456"},
        {"phone": "+33123456"},
        {"user_alias": ALIAS, "_update_existing_only": False},
        {"external_id": "u1", "email": None},
        {},
    ]
)
_CHANGES: st.SearchStrategy[JsonObject] = st.sampled_from(
    [
        {"a": 1},
        {"a": 1.0},
        {"a": True},
        {"a": None},
        {"a": {"inc": 2}},
        {"b": {"add": ["x", "y"]}},
        {"b": {"remove": ["x"]}},
        {"b": {"$add": [{"id": 1}]}},
        {"c": {"d": 1}, "_merge_objects": True},
        {"c": {"e": 2}, "_merge_objects": True},
        {"first_name": "Ada", "a": 2},
        {"first_name": None},
    ]
)
_ITEMS = st.one_of(
    st.builds(
        lambda kind, fields: item(kind, "products", **fields),
        st.sampled_from(["put", "patch"]),
        st.fixed_dictionaries(
            {"id": st.sampled_from("pq")},
            optional={
                "stock": st.sampled_from([1, 2, None]),
                "tags": st.sampled_from([["a"], ["a", "b"]]),
            },
        ),
    ),
    st.builds(lambda id_: item("delete", "products", id=id_), st.sampled_from("pq")),
)
_OPERATIONS = st.lists(
    st.one_of(
        st.builds(lambda person, change: attributes(**person, **change), _PEOPLE, _CHANGES),
        st.builds(lambda person, name: event(**person, name=name), _PEOPLE, st.sampled_from("xy")),
        st.builds(
            lambda person, price: purchase(**person, price=price), _PEOPLE, st.sampled_from([1, 0])
        ),
        _ITEMS,
    ),
    max_size=4,
)


@given(
    operations=st.lists(_OPERATIONS, min_size=1, max_size=7),
    replayed=st.sets(st.integers(0, 6), max_size=3),
    cut=st.integers(0, 10),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_applied_each_value_names_the_last_delivery_that_changed_it(
    engine: Engine, operations: list[list[JsonObject]], replayed: set[int], cut: int
) -> None:
    """Applied one by one, with a look at the whole store behind each; and then in batches."""
    # To see it fail: leave the note of the address, of the revenue or of a field out of writer/track.py,
    # or credit in the order of the batch and not of the stream.
    stream = [make_settlement(*asked) for asked in operations]
    stream += [_replay(stream[number]) for number in sorted(replayed) if number < len(stream)]
    seen = _applied_one_by_one(engine, stream)
    for batches in ([stream], [stream[:cut], stream[cut:]]):
        assert _applied_in(engine, batches) == seen


def _applied_one_by_one(engine: Engine, stream: Sequence[Settlement]) -> list[Any]:
    workspace_id, ids = new_workspace_id(), dict[DeliveryId, int]()
    _make_catalog(engine, workspace_id)
    before: dict[str, dict[str, Any]] = {}
    changed: dict[tuple[str, str], int] = {}
    touched: dict[str, list[int]] = {}
    for number, settlement in enumerate(stream):
        moved = _moved(settlement, workspace_id, ids, number)
        _apply(engine, moved, workspace_id=workspace_id, second=number)
        held = _values(engine, workspace_id)
        for subject in held:
            old, new = before.get(subject, {}), held[subject]
            differing = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
            changed |= {(subject, key): number for key in differing}
            if differing or subject not in before:
                touched.setdefault(subject, []).insert(0, number)
        for subject in before.keys() - held.keys():
            # A deleted item; what is made under its name later is another.
            touched.pop(subject, None)
        before = held
    expected = [
        (
            sorted(values.items()),
            {key: changed[subject, key] for key in sorted(values)},
            touched[subject],
        )
        for subject, values in before.items()
    ]
    found = _trails(engine, workspace_id, ids)
    assert found == sorted(expected, key=repr)
    return found


def _applied_in(engine: Engine, batches: Sequence[Sequence[Settlement]]) -> list[Any]:
    workspace_id, ids = new_workspace_id(), dict[DeliveryId, int]()
    _make_catalog(engine, workspace_id)
    numbers = iter(range(1_000))
    for second, batch in enumerate(batches):
        moved = [_moved(one, workspace_id, ids, next(numbers)) for one in batch]
        _apply(engine, *moved, workspace_id=workspace_id, second=second)
    return _trails(engine, workspace_id, ids)


def _moved(
    settlement: Settlement, workspace_id: WorkspaceId, ids: dict[DeliveryId, int], number: int
) -> Settlement:
    delivery_id = new_delivery_id()
    ids[delivery_id] = number
    return make_settlement(
        *settlement.operations,
        workspace_id=workspace_id,
        delivery_id=delivery_id,
        event_id=settlement.event_id,
        replay_of=settlement.replay_of,
    )


def _values(engine: Engine, workspace_id: WorkspaceId) -> dict[str, dict[str, Any]]:
    """Give every value of a workspace under its key, as JSON that tells true from 1 but not 1 from 1.0."""
    held: dict[str, dict[str, Any]] = {}
    with reading(engine) as connection:
        for row in connection.execute(
            select(profiles).where(profiles.c.workspace_id == workspace_id)
        ):
            document = row.document
            values = {
                "f:external_id": row.external_id,
                "f:email": row.email,
                "f:phone": row.phone,
                "f:total_revenue": document.get("total_revenue"),
            }
            for prefix, part in (
                ("f:", "fields"),
                ("a:", "custom_attributes"),
                ("e:", "custom_events"),
                ("p:", "purchases"),
            ):
                values |= {prefix + name: one for name, one in document.get(part, {}).items()}
            held[row.id] = values
        for row in connection.execute(
            select(catalog_items)
            .join(catalogs, catalogs.c.id == catalog_items.c.catalog_id)
            .where(catalogs.c.workspace_id == workspace_id)
        ):
            held[row.item_id] = {f"f:{name}": value for name, value in row.document.items()}
    return {
        subject: {
            key: orjson.dumps(_plain(value), option=orjson.OPT_SORT_KEYS).decode()
            for key, value in values.items()
            # A revenue of nothing is no value: it comes with the first purchase, whatever its price.
            if value is not None and not (key == "f:total_revenue" and value == 0)
        }
        for subject, values in held.items()
    }


def _plain(value: Any) -> Any:
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {name: _plain(held) for name, held in value.items()}
        case list():
            return [_plain(held) for held in value]
        case _:
            return value


def _trails(
    engine: Engine, workspace_id: WorkspaceId, ids: dict[DeliveryId, int]
) -> list[tuple[list[tuple[str, Any]], dict[str, int], list[int]]]:
    found = []
    with reading(engine) as connection:
        for subject, values in _values(engine, workspace_id).items():
            read = (
                profile_subject(
                    connection, workspace_id=workspace_id, profile_id=ProfileId(subject)
                )
                if subject.startswith("prf_")
                else item_subject(
                    connection, workspace_id=workspace_id, catalog_name="products", item_id=subject
                )
            )
            by_key = read.by_key()
            numbered = {key: ids[by_key[key]] for key in sorted(values)}
            found.append(
                (
                    sorted(values.items()),
                    numbered,
                    [ids[id_] for id_ in latest(read.trail.deliveries)],
                )
            )
    return sorted(found, key=repr)
