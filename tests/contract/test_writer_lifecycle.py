"""Changes of who a profile is, on each database that we speak to."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from tests.support.identities import (
    ADA,
    ADA_ELSEWHERE,
    BOB,
    G1,
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
from tests.support.settlements import WORKSPACE, attributes, make_settlement
from transformer.ids import WorkspaceId, new_delivery_id, new_workspace_id
from transformer.operation import JsonObject
from transformer.settlement import Settlement, from_fields, to_fields
from transformer.store.deliveries import list_deliveries
from transformer.store.engine import reading, writing
from transformer.store.profiles import find_profiles
from transformer.store.tables import aliases, deprecated_external_ids, profiles
from transformer.writer.apply import Applied, apply_batch
from transformer.writer.profile import APART

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


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
        return find_profiles(connection, workspace_id=WORKSPACE, **identifiers)


def _log(engine: Engine, workspace_id: WorkspaceId = WORKSPACE) -> list[JsonObject]:
    with reading(engine) as connection:
        return list_deliveries(connection, workspace_id=workspace_id, limit=1000)


def _everything(engine: Engine, workspace_id: WorkspaceId = WORKSPACE) -> list[JsonObject]:
    """Give all that is stored of profiles, but for ids and times, which differ from run to run."""
    with reading(engine) as connection:
        rows = connection.execute(
            select(profiles).where(profiles.c.workspace_id == workspace_id)
        ).mappings()
        found = {
            row["id"]: {
                "external_id": row["external_id"],
                "email": row["email"],
                "phone": row["phone"],
                "document": {k: v for k, v in row["document"].items() if k not in APART},
                "aliases": [],
                "deprecated": [],
            }
            for row in rows
        }
        for label, name, owner in connection.execute(
            select(aliases.c.alias_label, aliases.c.alias_name, aliases.c.profile_id)
            .where(aliases.c.workspace_id == workspace_id)
            .order_by(aliases.c.alias_label, aliases.c.alias_name)
        ):
            found[owner]["aliases"].append((label, name))
        for external_id, owner in connection.execute(
            select(deprecated_external_ids.c.external_id, deprecated_external_ids.c.profile_id)
            .where(deprecated_external_ids.c.workspace_id == workspace_id)
            .order_by(deprecated_external_ids.c.external_id)
        ):
            found[owner]["deprecated"].append(external_id)
    return sorted(found.values(), key=repr)


@pytest.mark.parametrize(
    ("operations", "left"),
    [
        pytest.param(
            [attributes(external_id="u1"), rename("u1", "u2"), rename("u2", "u3")],
            [("u3", [], ["u1", "u2"])],
            id="renamed twice",
        ),
        pytest.param(
            # In the order of the rows, each update would meet an external id that is still there.
            [
                *(attributes(external_id=f"u{number}") for number in range(4)),
                *(rename(f"u{number}", f"v{number}") for number in range(4)),
                *(remove(f"u{number}") for number in range(4)),
                *(rename(f"v{number}", f"u{(number + 1) % 4}") for number in range(4)),
                *(remove(f"v{number}") for number in range(4)),
            ],
            [("u0", [], []), ("u1", [], []), ("u2", [], []), ("u3", [], [])],
            id="four that change external ids in a ring",
        ),
        pytest.param(
            [
                attributes(external_id="u1"),
                new_alias("u1", **ADA),
                rename("u1", "u2"),
                delete(external_id="u1"),
                alias_only(ADA),
                attributes(external_id="u1"),
                attributes(external_id="u2"),
            ],
            [(None, [("shop", "ada")], []), ("u1", [], []), ("u2", [], [])],
            id="deleted, and each of its names given to somebody else",
        ),
        pytest.param(
            [
                attributes(external_id="u1"),
                new_alias("u1", **ADA),
                alias_only(BOB),
                new_alias("u1", **ADA_ELSEWHERE),
                merge(external("u1"), {"user_alias": BOB}),
                attributes(external_id="u1", a=1),
            ],
            [("u1", [("forum", "ada"), ("shop", "bob")], [])],
            id="merged into an alias-only profile",
        ),
        pytest.param(
            [
                alias_only(ADA),
                update_alias("shop", "ada", "eve"),
                alias_only(ADA),
                identify("u1", user_alias=ADA),
            ],
            [(None, [("shop", "eve")], []), ("u1", [("shop", "ada")], [])],
            id="an alias whose old name somebody else has",
        ),
    ],
)
def test_names_go_from_profile_to_profile(
    engine: Engine,
    operations: Sequence[JsonObject],
    left: list[tuple[str | None, list[Any], list[str]]],
) -> None:
    for most in (len(operations), 1):
        workspace_id = new_workspace_id()
        settlements = [
            make_settlement(operation, workspace_id=workspace_id) for operation in operations
        ]
        for start in range(0, len(settlements), most):
            now = NOW + timedelta(seconds=start)
            batch = settlements[start : start + most]
            _apply(engine, *batch, workspace_id=workspace_id, now=now)
        stored = [
            (profile["external_id"], profile["aliases"], profile["deprecated"])
            for profile in _everything(engine, workspace_id)
        ]
        assert sorted(stored, key=repr) == sorted(left, key=repr)
        assert [row["errors"] for row in _log(engine, workspace_id)] == [[]] * len(operations)


def test_names_that_are_stored_go_from_profile_to_profile_in_one_batch(engine: Engine) -> None:
    ring = range(8)
    _apply(engine, *(make_settlement(attributes(external_id=f"u{n}", was=n)) for n in ring))
    _apply(
        engine,
        make_settlement(
            *(rename(f"u{n}", f"v{n}") for n in ring),
            *(remove(f"u{n}") for n in ring),
            *(rename(f"v{n}", f"u{(n + 1) % 8}") for n in ring),
            *(remove(f"v{n}") for n in ring),
        ),
    )
    for number in ring:
        [profile] = _find(engine, external_id=f"u{(number + 1) % 8}")
        assert profile["custom_attributes"] == {"was": number}


def test_a_deleted_profile_leaves_nothing(engine: Engine) -> None:
    _apply(
        engine,
        make_settlement(
            attributes(external_id="u1", email="a@b.co", a=1),
            new_alias("u1", **ADA),
            rename("u1", "u2"),
        ),
    )
    other = new_workspace_id()
    _apply(
        engine,
        make_settlement(attributes(external_id="u2"), workspace_id=other),
        workspace_id=other,
    )
    _apply(engine, make_settlement(delete(external_id="u2")))
    assert _everything(engine) == []
    for identifiers in (
        {"external_id": "u1"},
        {"external_id": "u2"},
        {"email": "a@b.co"},
        {"alias_label": "shop", "alias_name": "ada"},
    ):
        assert _find(engine, **identifiers) == []
    assert len(_everything(engine, other)) == 1


def test_a_deprecated_external_id_finds_its_profile(engine: Engine) -> None:
    _apply(engine, make_settlement(attributes(external_id="u1"), rename("u1", "u2")))
    _apply(engine, make_settlement(attributes(external_id="u1", a=1)))
    [profile] = _find(engine, external_id="u1")
    assert (profile["external_id"], profile["custom_attributes"]) == ("u2", {"a": 1})
    assert _find(engine, external_id="u2") == [profile]


def test_hundreds_of_deprecated_external_ids_are_found_in_one_batch(engine: Engine) -> None:
    people = range(600)
    _apply(engine, *(make_settlement(attributes(external_id=f"u{n}")) for n in people))
    _apply(engine, *(make_settlement(rename(f"u{n}", f"v{n}")) for n in people))
    _apply(engine, *(make_settlement(attributes(external_id=f"u{n}", a=1)) for n in people))
    stored = _everything(engine)
    assert len(stored) == len(people)
    assert all(profile["document"]["custom_attributes"] == {"a": 1} for profile in stored)


def test_the_log_tells_what_was_asked_and_what_became_of_it(engine: Engine) -> None:
    settlement = make_settlement(
        rename("u1", "u2"), rename("u3", "u4"), transformation_id=None, body=b"{}"
    )
    fields = [part.encode() if isinstance(part, str) else part for part in to_fields(settlement)]
    _apply(engine, make_settlement(attributes(external_id="u1")), *from_fields(fields))
    [row] = [row for row in _log(engine) if row["id"] == settlement.delivery_id]
    assert row["outcome"] == "applied"
    assert [operation["kind"] for operation in row["operations"]] == ["external_id.rename"] * 2
    assert [(problem["code"], problem["pointer"]) for problem in row["errors"]] == [
        ("external_id_not_found", "/external_id_renames/1/current_external_id")
    ]


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in two batches"])
def test_a_replay_deletes_nobody_who_came_later(engine: Engine, together: bool) -> None:
    deletion = make_settlement(delete(external_id="u1"))
    before = [make_settlement(attributes(external_id="u1", a=1)), deletion]
    after = [
        make_settlement(attributes(external_id="u1", b=1)),
        make_settlement(
            delete(external_id="u1"),
            event_id=deletion.event_id,
            replay_of=deletion.delivery_id,
        ),
    ]
    if together:
        _apply(engine, *before, *after)
    else:
        _apply(engine, *before)
        _apply(engine, *after)
    [profile] = _find(engine, external_id="u1")
    assert profile["custom_attributes"] == {"b": 1}
    [replayed] = [row for row in _log(engine) if row["replay_of"]]
    assert [warning["code"] for warning in replayed["warnings"]] == ["applied_before"]


def test_a_retry_of_what_found_nobody_is_applied_once(engine: Engine) -> None:
    failed = make_settlement(rename("u1", "u2"))
    _apply(engine, failed)
    _apply(engine, make_settlement(attributes(external_id="u1")))

    def again(attempt: int) -> Settlement:
        return make_settlement(
            rename("u1", "u2"),
            event_id=failed.event_id,
            delivery_id=failed.delivery_id,
            attempt=attempt,
            is_retry=True,
        )

    _apply(engine, again(2), again(3))
    assert [(p["external_id"], p["deprecated"]) for p in _everything(engine)] == [("u2", ["u1"])]


def test_subscription_groups_change_for_all_with_the_email(engine: Engine) -> None:
    def group(state: str) -> list[JsonObject]:
        return [{"subscription_group_id": G1, "subscription_state": state}]

    _apply(
        engine,
        make_settlement(
            attributes(external_id="u1", email="a@b.co", subscription_groups=group("subscribed")),
            attributes(external_id="u2", email="c@d.co"),
            attributes(external_id="u3"),
        ),
    )
    # By another identifier, by an email that comes with it, and by one that came just before.
    for operation in (
        attributes(external_id="u2", email="a@b.co", subscription_groups=group("unsubscribed")),
        attributes(external_id="u1", subscription_groups=group("subscribed")),
    ):
        _apply(engine, make_settlement(operation))
        state = operation["object"]["subscription_groups"]
        for external_id in ("u1", "u2"):
            assert _find(engine, external_id=external_id)[0]["subscription_groups"] == state
    _apply(
        engine,
        make_settlement(attributes(external_id="u3", email="a@b.co")),
        make_settlement(attributes(external_id="u3", subscription_groups=group("unsubscribed"))),
    )
    for external_id in ("u1", "u2", "u3"):
        [profile] = _find(engine, external_id=external_id)
        assert profile["subscription_groups"] == group("unsubscribed")


def _applied_in(engine: Engine, batches: Sequence[Sequence[Settlement]]) -> Any:
    workspace_id = new_workspace_id()
    ids: list[str] = []
    for number, batch in enumerate(batches):
        moved = [_moved(settlement, workspace_id) for settlement in batch]
        ids += [settlement.delivery_id for settlement in moved]
        # Some batches come in one millisecond.
        now = NOW + timedelta(milliseconds=number // 2)
        _apply(engine, *moved, workspace_id=workspace_id, now=now)
    log = {row["id"]: row for row in _log(engine, workspace_id)}
    told = [
        [log[one]["outcome"], *([(p["code"], p["pointer"]) for p in log[one][of]] for of in _TOLD)]
        for one in ids
    ]
    return _everything(engine, workspace_id), told


_TOLD = ("errors", "warnings")


def _moved(settlement: Settlement, workspace_id: WorkspaceId) -> Settlement:
    return make_settlement(
        *settlement.operations,
        workspace_id=workspace_id,
        delivery_id=new_delivery_id(),
        event_id=settlement.event_id,
        replay_of=settlement.replay_of,
    )


@given(
    operations=st.lists(
        st.lists(IDENTITY_OPERATIONS, min_size=1, max_size=4), min_size=2, max_size=10
    ),
    replayed=st.sets(st.integers(0, 9), max_size=2),
    cuts=st.sets(st.integers(1, 11), max_size=3),
)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_where_a_stream_is_cut_makes_no_difference_to_who_is_who(
    engine: Engine, operations: list[list[JsonObject]], replayed: set[int], cuts: set[int]
) -> None:
    stream = [make_settlement(*asked) for asked in operations]
    stream += [
        make_settlement(
            *operations[number],
            event_id=stream[number].event_id,
            replay_of=stream[number].delivery_id,
        )
        for number in sorted(replayed)
        if number < len(operations)
    ]
    places = [0, *sorted(cuts), len(stream)]
    batches = [stream[a:b] for a, b in pairwise(places)]
    whole = _applied_in(engine, [stream])
    assert _applied_in(engine, batches) == whole
    assert _applied_in(engine, [[settlement] for settlement in stream]) == whole
