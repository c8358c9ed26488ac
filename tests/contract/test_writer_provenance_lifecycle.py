"""Who set what, of profiles that are merged, renamed, named and deleted, on each database."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from tests.support.identities import (
    ADA,
    BOB,
    alias_only,
    delete,
    external,
    identify,
    merge,
    new_alias,
    remove,
    rename,
    update_alias,
)
from tests.support.identity_strategies import IDENTITY_OPERATIONS
from tests.support.settlements import WORKSPACE, attributes, event, make_settlement, purchase
from tests.support.trails import briefly
from transformer.ids import DeliveryId, ProfileId, WorkspaceId, new_delivery_id, new_workspace_id
from transformer.operation import JsonObject
from transformer.settlement import Settlement
from transformer.store.deliveries import list_deliveries
from transformer.store.engine import reading, writing
from transformer.store.history import Subject, profile_subject, read_entries
from transformer.store.tables import profiles
from transformer.trail import latest
from transformer.writer.apply import apply_batch

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def _apply(
    engine: Engine, *settlements: Settlement, workspace_id: WorkspaceId = WORKSPACE, second: int = 0
) -> None:
    now = NOW + timedelta(seconds=second)
    with writing(engine) as connection:
        apply_batch(connection, workspace_id=workspace_id, settlements=settlements, now=now)


def _subject(engine: Engine, external_id: str = "u") -> Subject:
    found = select(profiles.c.id).where(profiles.c.external_id == external_id)
    with reading(engine) as connection:
        profile_id = ProfileId(connection.scalars(found).one())
        return profile_subject(connection, workspace_id=WORKSPACE, profile_id=profile_id)


def _set_by(engine: Engine, *deliveries: Settlement, external_id: str = "u") -> dict[str, int]:
    """Name the deliveries by their places among the given ones."""
    numbers = {one.delivery_id: number for number, one in enumerate(deliveries)}
    found = _subject(engine, external_id).by_key()
    return {key: numbers[id_] for key, id_ in found.items()}


def _records(engine: Engine, settlement: Settlement) -> list[JsonObject]:
    with reading(engine) as connection:
        log = list_deliveries(connection, workspace_id=WORKSPACE, limit=100)
    [row] = [row for row in log if row["id"] == settlement.delivery_id]
    changes = [briefly(record) for record in row["changes"]]
    return [{k: v for k, v in record.items() if k != "profile_id"} for record in changes]


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in many batches"])
def test_a_merged_profile_brings_along_who_set_what_it_brings(
    engine: Engine, together: bool
) -> None:
    # To see it fail: leave `known` out of ProfileChanges.credit, or join() out of absorb().
    stream = [
        make_settlement(attributes(external_id="u", plan="pro", email="a@b.co")),
        make_settlement(
            attributes(external_id="v", plan="free", city="Lyon", phone="+33123456789"),
            event(external_id="v", name="login"),
            event(external_id="u", name="login"),
        ),
        make_settlement(
            event(external_id="v", name="login"),
            attributes(external_id="v", first_name="Ada"),
            purchase(external_id="v", price=3),
        ),
        make_settlement(merge(external("v"), external("u"))),
        make_settlement(attributes(external_id="u", city="Paris")),
    ]
    for batch in [stream] if together else [[one] for one in stream]:
        _apply(engine, *batch)
    assert _set_by(engine, *stream) == {
        "f:external_id": 0,
        "f:email": 0,
        "f:phone": 1,
        "f:first_name": 2,
        "f:total_revenue": 2,
        "a:plan": 0,
        "a:city": 4,
        "e:login": 2,
        "p:mug": 2,
    }
    subject = _subject(engine)
    assert latest(subject.trail.deliveries) == [one.delivery_id for one in reversed(stream)]
    kept, merged = _records(engine, stream[3])
    assert kept["set"] == {
        "f:phone": [None, "+33123456789"],
        "a:city": [None, "Lyon"],
        "f:first_name": [None, "Ada"],
        "f:total_revenue": [0, 3],
    }
    assert (len(kept["merged"]), len(merged["merged_into"])) == (1, 36)
    with reading(engine) as connection:
        entries = read_entries(connection, subject, workspace_id=WORKSPACE, limit=9)
    # What the merged profile's deliveries changed is told by the records under its id.
    assert all(entry.record is not None for entry in entries)


def test_what_a_merge_makes_of_two_values_is_its_own(engine: Engine) -> None:
    first = make_settlement(
        attributes(external_id="u", date_of_first_session="2026-01-02T00:00:00.000Z"),
        attributes(external_id="v", date_of_first_session="2026-01-01T00:00:00.000Z"),
    )
    joined = make_settlement(merge(external("v"), external("u")))
    _apply(engine, first, joined)
    assert _set_by(engine, first, joined)["f:date_of_first_session"] == 1


def test_a_profile_that_goes_up_in_a_third_brings_along_both(engine: Engine) -> None:
    first = make_settlement(attributes(external_id="u", a=1))
    second = make_settlement(attributes(external_id="v", b=1))
    third = make_settlement(attributes(external_id="w", c=1))
    both = make_settlement(merge(external("w"), external("v")), merge(external("v"), external("u")))
    _apply(engine, first, second, third, both)
    assert _set_by(engine, first, second, third, both) == {
        "f:external_id": 0,
        "a:a": 0,
        "a:b": 1,
        "a:c": 2,
    }


def test_what_one_delivery_counts_and_merges_was_set_by_it(engine: Engine) -> None:
    # To see it fail: leave out what absorb() does with gone.counted.
    first = make_settlement(attributes(external_id="u", a=1))
    both = make_settlement(
        event(external_id="v", name="login"),
        purchase(external_id="v", price=3),
        merge(external("v"), external("u")),
    )
    _apply(engine, first, both)
    assert _set_by(engine, first, both) == {
        "f:external_id": 0,
        "a:a": 0,
        "e:login": 1,
        "p:mug": 1,
        "f:total_revenue": 1,
    }


@pytest.mark.parametrize(
    ("rule", "before", "asked", "records"),
    [
        (
            "an alias-only profile that is identified is given an external id",
            [alias_only(ADA, a=1)],
            identify("u", user_alias=ADA),
            [{"set": {"f:external_id": [None, "u"]}}],
        ),
        (
            "a renamed profile has another external id",
            [attributes(external_id="old")],
            rename("old", "u"),
            [{"set": {"f:external_id": ["old", "u"]}}],
        ),
        (
            "an alias is added",
            [attributes(external_id="u")],
            new_alias("u", **ADA),
            [{"aliases_added": [ADA]}],
        ),
        (
            "an alias is added to nobody, which makes a profile",
            [],
            new_alias(**ADA),
            [{"created": True, "aliases_added": [ADA]}],
        ),
        (
            "an alias gets another name",
            [attributes(external_id="u"), new_alias("u", **ADA)],
            update_alias("shop", "ada", "eve"),
            [
                {
                    "aliases_removed": [ADA],
                    "aliases_added": [{"alias_name": "eve", "alias_label": "shop"}],
                }
            ],
        ),
        (
            "an attributes object makes an alias-only profile",
            [],
            alias_only(BOB, a=1),
            [{"created": True, "aliases_added": [BOB], "set": {"a:a": [None, 1]}}],
        ),
        (
            "an external id that is out of use is removed",
            [attributes(external_id="old"), rename("old", "u")],
            remove("old"),
            [{"external_ids_removed": ["old"]}],
        ),
        ("a profile is deleted", [attributes(external_id="u")], delete(external_id="u"),
         [{"deleted": True}]),
        ("what changes nothing leaves no trace", [], rename("old", "u"), []),
    ],
)  # fmt: skip
def test_the_log_tells_what_became_of_a_profile(
    engine: Engine,
    rule: str,
    before: list[JsonObject],
    asked: JsonObject,
    records: list[JsonObject],
) -> None:
    _apply(engine, *(make_settlement(operation) for operation in before))
    settlement = make_settlement(asked)
    _apply(engine, settlement)
    assert _records(engine, settlement) == records, rule


def test_subscription_groups_that_are_shared_are_set_on_every_profile_with_the_email(
    engine: Engine,
) -> None:
    # To see it fail: write other.fields in _share_subscriptions of writer/track.py without a note.
    groups = [
        {
            "subscription_group_id": "9aef1b1f-9b0e-4b0b-8e3c-111111111111",
            "subscription_state": "unsubscribed",
        }
    ]
    made = make_settlement(
        attributes(external_id="u", email="a@b.co"), attributes(external_id="v", email="a@b.co")
    )
    shared = make_settlement(attributes(external_id="v", subscription_groups=groups))
    _apply(engine, made, shared)
    for external_id in ("u", "v"):
        found = _set_by(engine, made, shared, external_id=external_id)
        assert found["f:subscription_groups"] == 1


@given(
    operations=st.lists(
        st.lists(IDENTITY_OPERATIONS, min_size=1, max_size=3), min_size=2, max_size=8
    ),
    cut=st.integers(0, 8),
)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_where_a_stream_is_cut_changes_nothing_about_who_set_what(
    engine: Engine, operations: list[list[JsonObject]], cut: int
) -> None:
    stream = [make_settlement(*asked) for asked in operations]
    whole = _applied_in(engine, [stream])
    assert _applied_in(engine, [stream[:cut], stream[cut:]]) == whole
    assert _applied_in(engine, [[settlement] for settlement in stream]) == whole


def _applied_in(engine: Engine, batches: Sequence[Sequence[Settlement]]) -> list[Any]:
    workspace_id, ids = new_workspace_id(), dict[DeliveryId, int]()
    for second, batch in enumerate(batches):
        moved = []
        for settlement in batch:
            delivery_id = new_delivery_id()
            ids[delivery_id] = len(ids)
            moved.append(
                make_settlement(
                    *settlement.operations, workspace_id=workspace_id, delivery_id=delivery_id
                )
            )
        _apply(engine, *moved, workspace_id=workspace_id, second=second)
    found = []
    with reading(engine) as connection:
        for profile_id in connection.scalars(
            select(profiles.c.id).where(profiles.c.workspace_id == workspace_id)
        ):
            subject = profile_subject(
                connection, workspace_id=workspace_id, profile_id=ProfileId(profile_id)
            )
            setters = {key: ids[id_] for key, id_ in sorted(subject.by_key().items())}
            # Nothing is unknown: every value has a delivery of this stream.
            assert setters.keys() == {*subject.keys}
            found.append([setters, [ids[id_] for id_ in latest(subject.trail.deliveries)]])
    return sorted(found, key=orjson.dumps)
