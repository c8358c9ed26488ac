"""What a batch puts into the outbox: one row a rule, the row's name the rule."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.support.forward_bench import ForwardBench, forward_bench
from tests.support.settlements import WORKSPACE, attributes, event, item, make_settlement, purchase
from transformer.clock import SystemClock
from transformer.ids import new_delivery_id, new_event_id
from transformer.operation import JsonObject
from transformer.store.catalogs import create_catalog
from transformer.store.engine import reading, writing
from transformer.store.outbox import Waiting, read_targets, read_waiting
from transformer.store.profiles import find_profiles
from transformer.writer.apply import apply_batch

NOW = SystemClock().now()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ForwardBench]:
    with forward_bench(tmp_path, "https://a.example") as made:
        with writing(made.engine) as connection:
            create_catalog(
                connection,
                workspace_id=WORKSPACE,
                name="shop",
                description="",
                fields=[{"name": "id", "type": "string"}, {"name": "tags", "type": "array"}],
                now=NOW,
            )
        yield made


def waiting(bench: ForwardBench) -> list[Waiting]:
    with reading(bench.engine) as connection:
        return read_waiting(connection, forward_id=bench.forward.id, limit=1_000)


def objects(bench: ForwardBench) -> list[Any]:
    return [orjson.loads(one.object) for one in waiting(bench)]


def profile_id(bench: ForwardBench, external_id: str) -> str:
    with reading(bench.engine) as connection:
        (found,) = find_profiles(connection, workspace_id=WORKSPACE, external_id=external_id)
    return str(found["braze_id"])


def test_within_a_delivery_it_is_the_order_in_which_the_writer_applies(
    bench: ForwardBench,
) -> None:
    bench.apply(
        item("put", "shop", id="i"),
        purchase(external_id="a"),
        event(external_id="a", name="x"),
        attributes(external_id="a", n=1),
    )
    assert [(one.position, one.kind, one.catalog_name) for one in waiting(bench)] == [
        (3, "attributes", ""),
        (2, "event", ""),
        (1, "purchase", ""),
        (0, "catalog.put", "shop"),
    ]


def test_a_profile_is_one_subject_whatever_names_it(bench: ForwardBench) -> None:
    bench.apply(attributes(external_id="a", email="a@b.cd"))
    bench.apply(attributes(email="a@b.cd", n=1))
    bench.apply(attributes(email="new@b.cd", n=1), event(email="new@b.cd", name="x"))
    first, second, third, fourth = (one.subject for one in waiting(bench))
    assert first == second == profile_id(bench, "a")
    assert third == fourth != first


def test_what_was_not_applied_is_not_there(bench: ForwardBench) -> None:
    bench.apply(
        attributes(n=1),
        attributes(external_id="nobody", n=1, _update_existing_only=True),
        attributes(external_id="a", n=1),
    )
    bench.apply(item("put", "no-such-catalog", id="i"), attributes(external_id="b", n=1))
    bench.apply(attributes(external_id="c"), verdict="failed")
    assert objects(bench) == [{"external_id": "a", "n": 1}]


def test_a_braze_id_is_replaced_by_the_profiles_own_identifier(bench: ForwardBench) -> None:
    bench.apply(
        attributes(external_id="a"), attributes(email="e@b.cd"), attributes(phone="+4912345")
    )
    ids = [one.subject for one in waiting(bench)]
    bench.apply(*(attributes(braze_id=braze_id, n=1) for braze_id in ids))
    assert objects(bench)[3:] == [
        {"n": 1, "external_id": "a"},
        {"n": 1, "email": "e@b.cd"},
        {"n": 1, "phone": "+4912345"},
    ]


REPEATS: list[tuple[str, JsonObject, JsonObject | None]] = [
    ("an event is not counted again", event(external_id="a", name="x"), None),
    ("a purchase is not counted again", purchase(external_id="a"), None),
    (
        "a value is set again and an increment is not",
        attributes(external_id="a", plan="pro", visits={"inc": 1}, empty={}),
        {"external_id": "a", "plan": "pro", "empty": {}},
    ),
    (
        "elements of an array are unique, and are added again",
        attributes(external_id="a", tags={"add": ["x"]}),
        {"external_id": "a", "tags": {"add": ["x"]}},
    ),
    (
        "objects are not added again, but are updated",
        attributes(
            external_id="a",
            pets={
                "$add": [{"id": 1}],
                "$remove": [{"$identifier_key": "id", "$identifier_value": 2}],
            },
        ),
        {
            "external_id": "a",
            "pets": {"$remove": [{"$identifier_key": "id", "$identifier_value": 2}]},
        },
    ),
    ("an item is put again", item("put", "shop", id="i"), {"id": "i"}),
    (
        "elements of an item's array are not added again",
        item("patch", "shop", id="old", tags={"$add": ["x"]}),
        {"id": "old"},
    ),
]


@pytest.mark.parametrize(("_rule", "operation", "expected"), REPEATS, ids=[r[0] for r in REPEATS])
def test_of_a_replay(
    bench: ForwardBench, _rule: str, operation: JsonObject, expected: JsonObject | None
) -> None:
    bench.apply(item("put", "shop", id="old", tags=[]))
    event_id, delivery_id = new_event_id(), new_delivery_id()
    bench.apply_all([make_settlement(operation, event_id=event_id, delivery_id=delivery_id)])
    before = len(waiting(bench))
    bench.apply(operation, event_id=event_id, replay_of=delivery_id)
    assert objects(bench)[before:] == ([] if expected is None else [expected])


def test_what_a_replay_applies_for_the_first_time_goes_whole(bench: ForwardBench) -> None:
    event_id = new_event_id()
    first = bench.apply(event(external_id=None, name="x"), event_id=event_id)
    bench.apply(event(external_id="a", name="x"), event_id=event_id, replay_of=first)
    assert [one["external_id"] for one in objects(bench)] == ["a"]


def test_without_a_forward_nothing_is_written(bench: ForwardBench) -> None:
    with writing(bench.engine) as connection:
        apply_batch(
            connection,
            workspace_id=WORKSPACE,
            settlements=[make_settlement(attributes(external_id="a"))],
            now=NOW,
        )
    assert waiting(bench) == []


def test_a_forward_is_full_once_as_many_wait_as_may(bench: ForwardBench) -> None:
    bench.apply(attributes(external_id="a", n=1), attributes(external_id="a", n=2))

    def is_full(most: int) -> bool:
        with reading(bench.engine) as connection:
            (target,) = read_targets(connection, workspace_id=WORKSPACE, most=most)
        return target.is_full

    assert [is_full(most) for most in (1, 2, 3)] == [True, True, False]


def test_what_changes_who_a_profile_is_is_in_order_with_everything(bench: ForwardBench) -> None:
    alias = {"alias_name": "n", "alias_label": "l"}
    bench.apply(attributes(external_id="a", n=1))
    bench.apply({"kind": "alias.new", "object": {"external_id": "a", **alias}})
    # Nothing is to be done here, and so nothing goes elsewhere.
    bench.apply({"kind": "alias.new", "object": {"external_id": "a", **alias}})
    bench.apply({"kind": "delete", "object": {"user_alias": alias}})
    bench.apply({"kind": "delete", "object": {"external_id": "nobody"}})
    assert [(one.kind, one.subject == "") for one in waiting(bench)] == [
        ("attributes", False),
        ("alias.new", True),
        ("delete", True),
    ]
    assert objects(bench)[1:] == [{"external_id": "a", **alias}, {"user_alias": alias}]
