"""Cutting the outbox into calls: bounds of each call, and the order that is kept however calls end."""

import random
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transformer.forward.batch import Batch, cut
from transformer.forward.call import MAX_BODY_BYTES, call_of, unsendable
from transformer.ids import DeliveryId
from transformer.store.outbox import Waiting

CALLS = 4
TRACKED = ["attributes", "event", "purchase"]
ARRAYS = {"attributes": "attributes", "events": "event", "purchases": "purchase"}
MB = 1_048_576


def waiting(row_id: int, kind: str, subject: str, *, filler: int = 0, through: str = "") -> Waiting:
    described: dict[str, Any] = {"n": row_id, "external_id": subject, "filler": "x" * filler}
    if kind.startswith("catalog."):
        described = {"id": subject, "n": row_id}
    if kind == "merge":
        described = {
            "identifier_to_merge": {"external_id": f"a{row_id}"},
            "identifier_to_keep": {"external_id": subject or "b"},
            "n": row_id,
        }
        subject = ""
    return Waiting(
        id=row_id,
        delivery_id=DeliveryId("dlv_1"),
        position=0,
        kind=kind,
        catalog_name="shop" if kind.startswith("catalog.") else "",
        subject=f"shop/{subject}" if kind.startswith("catalog.") else subject,
        object=orjson.dumps(described),
        through=through,
    )


def cut_all(rows: Sequence[Waiting], *, most: int = 75, calls: int = CALLS) -> list[Batch]:
    return cut(rows, calls=calls, most_of=lambda _: most, is_held_up=lambda _row, _call: False)


def effects(batch: Batch) -> list[int]:
    """Give the numbers of a call's operations in the order in which the other side processes them."""
    body = orjson.loads(batch.body())
    names = list(ARRAYS) if batch.call.path == "/users/track" else list(body)
    return [one["n"] for name in names for one in body.get(name, [])]


KINDS = st.sampled_from([*TRACKED, *TRACKED, "catalog.put", "catalog.delete", "merge"])
ROWS = st.lists(
    st.tuples(
        KINDS,
        st.sampled_from("abcd"),
        st.sampled_from([0, 0, 0, 0, 2 * MB - 500, 3 * MB]),
        st.sampled_from(["", "", "fwd_1"]),
    ),
    max_size=60,
)


@given(ROWS, st.randoms(use_true_random=False), st.integers(1, 75))
def test_order_is_kept_for_every_subject_whatever_calls_fail(
    drawn: list[tuple[str, str, int, str]], chance: random.Random, most: int
) -> None:
    # To see it fail: let Batch.keeps_order give True, or cut go on behind what may touch any profile.
    rows = [
        waiting(number, kind, subject, filler=filler, through=through)
        for number, (kind, subject, filler, through) in enumerate(drawn)
    ]
    left, took_effect = list(rows), []
    while left:
        batches = cut_all(left, most=most)
        assert 1 <= len(batches) <= CALLS, "something goes in every round"
        subjects = [
            row.subject for batch in batches for row in {r.subject: r for r in batch.rows}.values()
        ]
        assert len(subjects) == len(set(subjects)), "two calls at once have one subject"
        for batch in batches:
            assert len(batch.rows) <= min(most, batch.call.most)
            assert len(batch.body()) <= MAX_BODY_BYTES
            assert {row.through for row in batch.rows} == {batch.through}
            assert {call_of(row) for row in batch.rows} == {batch.call}
        chance.shuffle(batches)
        # The first always gets there, so that this ends.
        arrived = [batch for at, batch in enumerate(batches) if not at or chance.random() < 0.6]
        for batch in arrived:
            took_effect += effects(batch)
        gone = {row.id for batch in arrived for row in batch.rows}
        left = [row for row in left if row.id not in gone]
    assert sorted(took_effect) == [row.id for row in rows]
    for subject in {row.subject for row in rows if row.subject}:
        in_order = [row.id for row in rows if row.subject == subject]
        assert [number for number in took_effect if number in in_order] == in_order
    for row in rows:
        if not row.subject:
            at = took_effect.index(row.id)
            others = {other.id for other in rows if other.subject}
            assert all(number < row.id for number in took_effect[:at] if number in others)
            assert all(number > row.id for number in took_effect[at:] if number in others)


def test_a_call_is_filled_up_before_the_next_one_is_begun() -> None:
    rows = [waiting(number, "attributes", f"p{number}") for number in range(400)]
    assert [len(batch.rows) for batch in cut_all(rows)] == [75, 75, 75, 75]


def test_what_waits_for_a_turn_does_not_hold_up_other_subjects() -> None:
    rows = [waiting(number, "attributes", "busy") for number in range(100)]
    rows += [waiting(100 + number, "event", f"p{number}") for number in range(10)]
    first, second = cut_all(rows)
    assert [row.id for row in first.rows] == [*range(75)]
    assert [row.id for row in second.rows] == [*range(100, 110)]


def test_an_event_before_an_attribute_of_the_same_profile_goes_in_a_call_before_it() -> None:
    rows = [waiting(0, "event", "a"), waiting(1, "attributes", "a"), waiting(2, "attributes", "b")]
    (batch,) = cut_all(rows)
    assert [row.id for row in batch.rows] == [0, 2]


def test_the_body_of_track_has_an_array_for_each_kind_that_is_there() -> None:
    rows = [waiting(0, "purchase", "a"), waiting(1, "attributes", "b"), waiting(2, "event", "c")]
    (batch,) = cut_all(rows)
    body = orjson.loads(batch.body())
    assert {name: [one["n"] for one in held] for name, held in body.items()} == {
        "attributes": [1],
        "events": [2],
        "purchases": [0],
    }
    found = [batch.find("events", 0), batch.find("events", 1), batch.find("other", 0)]
    assert found == [rows[2], None, None]


def test_merges_go_together_where_no_profile_is_in_two_of_them() -> None:
    rows = [
        *(waiting(number, "merge", f"k{number}") for number in range(3)),
        waiting(3, "merge", "k0"),
        waiting(4, "attributes", "x"),
    ]
    (batch,) = cut_all(rows)
    assert (batch.call.path, [row.id for row in batch.rows]) == ("/users/merge", [0, 1, 2])


def row_of(kind: str, described: dict[str, Any]) -> Waiting:
    return Waiting(1, DeliveryId("dlv_1"), 0, kind, "", "", orjson.dumps(described), "")


ALIAS = {"alias_name": "n", "alias_label": "l"}
BODIES: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    (
        "identify",
        {"external_id": "a", "user_alias": ALIAS},
        "/users/identify",
        {"aliases_to_identify": [{"external_id": "a", "user_alias": ALIAS}]},
    ),
    (
        "identify",
        {"external_id": "a", "email": "a@b.cd", "prioritization": ["unidentified"]},
        "/users/identify",
        {
            "emails_to_identify": [
                {"external_id": "a", "email": "a@b.cd", "prioritization": ["unidentified"]}
            ]
        },
    ),
    ("delete", {"external_id": "a"}, "/users/delete", {"external_ids": ["a"]}),
    ("delete", {"user_alias": ALIAS}, "/users/delete", {"user_aliases": [ALIAS]}),
    (
        "delete",
        {"email": "a@b.cd", "prioritization": ["identified"]},
        "/users/delete",
        {"email_addresses": [{"email": "a@b.cd", "prioritization": ["identified"]}]},
    ),
    (
        "alias.new",
        {"external_id": "a", **ALIAS},
        "/users/alias/new",
        {"user_aliases": [{"external_id": "a", **ALIAS}]},
    ),
    (
        "external_id.rename",
        {"current_external_id": "a", "new_external_id": "b"},
        "/users/external_ids/rename",
        {"external_id_renames": [{"current_external_id": "a", "new_external_id": "b"}]},
    ),
    (
        "external_id.remove",
        {"external_id": "a"},
        "/users/external_ids/remove",
        {"external_ids": ["a"]},
    ),
]


@pytest.mark.parametrize(
    ("kind", "described", "path", "body"), BODIES, ids=[f"{row[0]} {[*row[3]]}" for row in BODIES]
)
def test_what_changes_who_a_profile_is_goes_in_its_own_call(
    kind: str, described: dict[str, Any], path: str, body: dict[str, Any]
) -> None:
    (batch,) = cut_all([row_of(kind, described)])
    assert (batch.call.method, batch.call.path) == ("POST", path)
    assert orjson.loads(batch.body()) == body


@pytest.mark.parametrize(
    ("described", "code"),
    [
        ({"external_id": "a", "n": "x" * (4 * MB)}, "object_too_large"),
        ({"braze_id": "prf_1", "n": 1}, "no_common_identifier"),
    ],
    ids=["larger than a call", "named by a braze_id alone"],
)
def test_what_no_call_can_carry_is_known_before(described: dict[str, Any], code: str) -> None:
    why = unsendable(row_of("attributes", described))
    assert why is not None
    assert why.code == code


def test_a_braze_id_within_an_object_is_no_identifier() -> None:
    nested = {"external_id": "a", "last": {"braze_id": "1"}, "braze_id": None}
    assert unsendable(row_of("attributes", nested)) is None
