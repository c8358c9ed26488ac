"""Whom an object of Track users means, and whom it makes, one rule a row (braze.md §2.1, *Identifiers*)."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from tests.support.identities import ADA, BOB, World, alias_only, new_alias, rename
from tests.support.settlements import attributes, event, purchase
from transformer.operation import JsonObject

RULES = [
    # Who is made
    pytest.param(
        [],
        attributes(external_id="u1", email="a@b.co", phone="+33123456"),
        [{"external_id": "u1", "email": "a@b.co", "phone": "+33123456"}],
        id="an unknown external id makes a profile, whose fields email and phone are",
    ),
    pytest.param(
        [],
        attributes(email="a@b.co", phone="+33123456"),
        [{"email": "a@b.co", "phone": "+33123456"}],
        id="an unknown email makes an email-only profile, whose field the phone is",
    ),
    pytest.param(
        [],
        attributes(phone="+33 123 456"),
        [{"phone": "+33123456"}],
        id="an unknown phone makes a phone-only profile",
    ),
    pytest.param(
        [],
        attributes(user_alias=ADA, _update_existing_only=False),
        [{"aliases": [ADA]}],
        id="an unknown alias makes an alias-only profile where it is asked to",
    ),
    *(
        pytest.param(
            [],
            make(user_alias=ADA, _update_existing_only=False),
            [{"aliases": [ADA], **held}],
            id=f"so does one of {name}, whatever the objects' comments say",
        )
        for name, make, held in (
            (
                "an event",
                partial(event, name="x"),
                {
                    "custom_events": {
                        "x": {
                            "first": "2026-01-02T03:04:05.000Z",
                            "last": "2026-01-02T03:04:05.000Z",
                            "count": 1,
                        }
                    }
                },
            ),
            (
                "a purchase",
                partial(purchase, price=2),
                {
                    "purchases": {
                        "mug": {
                            "first": "2026-01-02T03:04:05.000Z",
                            "last": "2026-01-02T03:04:05.000Z",
                            "count": 1,
                        }
                    },
                    "total_revenue": 2,
                },
            ),
        )
    ),
    pytest.param(
        [attributes(external_id="u1", email="a@b.co")],
        attributes(external_id="u2", email="a@b.co"),
        [{"external_id": "u1", "email": "a@b.co"}, {"external_id": "u2", "email": "a@b.co"}],
        id="an unknown external id makes a second profile with the email",
    ),
    pytest.param(
        [attributes(external_id="u1", email="a@b.co")],
        attributes(user_alias=ADA, email="a@b.co", _update_existing_only=False),
        [{"external_id": "u1", "email": "a@b.co"}, {"aliases": [ADA], "email": "a@b.co"}],
        id="so does an unknown alias",
    ),
    # Who is meant
    pytest.param(
        [attributes(external_id="u1"), attributes(email="a@b.co")],
        attributes(external_id="u1", email="a@b.co", a=1),
        [
            {"email": "a@b.co"},
            {"external_id": "u1", "email": "a@b.co", "custom_attributes": {"a": 1}},
        ],
        id="a primary identifier beats the email",
    ),
    pytest.param(
        [attributes(phone="+33123456"), attributes(email="a@b.co")],
        attributes(email="a@b.co", phone="+33123456", a=1),
        [
            {"phone": "+33123456"},
            {"email": "a@b.co", "phone": "+33123456", "custom_attributes": {"a": 1}},
        ],
        id="the email beats the phone",
    ),
    pytest.param(
        [attributes(external_id="u1"), new_alias("u1", **ADA), alias_only(BOB)],
        attributes(user_alias=ADA, a=1),
        [
            {"aliases": [BOB]},
            {"external_id": "u1", "aliases": [ADA], "custom_attributes": {"a": 1}},
        ],
        id="an alias means whoever has it",
    ),
    pytest.param(
        [attributes(external_id="u1"), rename("u1", "u2")],
        attributes(external_id="u1", a=1, _update_existing_only=True),
        [{"external_id": "u2", "deprecated": ["u1"], "custom_attributes": {"a": 1}}],
        id="a deprecated external id means whoever had it",
    ),
    *(
        rule
        for name, value in (("email", "a@b.co"), ("phone", "+33123456"))
        for rule in (
            pytest.param(
                [
                    attributes(external_id="u1", **{name: value}),
                    attributes(external_id="u2", **{name: value}),
                    attributes(user_alias=ADA, _update_existing_only=False, **{name: value}),
                ],
                attributes(a=1, **{name: value}),
                [
                    {"external_id": "u1", name: value},
                    {"aliases": [ADA], name: value},
                    {"external_id": "u2", name: value, "custom_attributes": {"a": 1}},
                ],
                id=f"of those with the {name}, the latest with an external id is meant",
            ),
            pytest.param(
                [
                    attributes(user_alias=ADA, _update_existing_only=False, **{name: value}),
                    attributes(user_alias=BOB, _update_existing_only=False, **{name: value}),
                    attributes(user_alias=ADA, b=1),
                ],
                attributes(a=1, **{name: value}),
                [
                    {"aliases": [BOB], name: value},
                    {"aliases": [ADA], name: value, "custom_attributes": {"a": 1, "b": 1}},
                ],
                id=f"of those with the {name} and no external id, the latest is meant",
            ),
        )
    ),
    pytest.param(
        [attributes(external_id="u1", phone="+33 123 456")],
        attributes(phone="+33-123-456", a=1),
        [{"external_id": "u1", "phone": "+33123456", "custom_attributes": {"a": 1}}],
        id="a phone means the same however it is written",
    ),
    pytest.param(
        [attributes(external_id="u1"), attributes(external_id="U1")],
        attributes(external_id="u1", a=1),
        [{"external_id": "U1"}, {"external_id": "u1", "custom_attributes": {"a": 1}}],
        id="an external id in capitals is another one",
    ),
]


@pytest.mark.parametrize(("before", "operation", "after"), RULES)
def test_a_rule_of_identifiers(
    before: Sequence[JsonObject], operation: JsonObject, after: list[JsonObject]
) -> None:
    world = World()
    world.begin(before)
    settled = world.apply(operation)
    assert (settled.operations, settled.errors, settled.warnings) == (1, (), ())
    assert world.profiles() == after


@pytest.mark.parametrize("make", [attributes, event, purchase])
@pytest.mark.parametrize(
    "described",
    [
        pytest.param({"external_id": "u1", "_update_existing_only": True}, id="an external id"),
        pytest.param({"user_alias": ADA}, id="an alias, if nothing else is said"),
        pytest.param({"user_alias": ADA, "_update_existing_only": True}, id="an alias"),
        pytest.param({"email": "a@b.co", "_update_existing_only": True}, id="an email"),
        pytest.param({"phone": "+33123456", "_update_existing_only": True}, id="a phone"),
        pytest.param({"braze_id": "prf_1", "_update_existing_only": False}, id="a braze_id ever"),
    ],
)
def test_nobody_is_made_for(make: Any, described: JsonObject) -> None:
    world = World()
    settled = world.apply(make(name="x", **described))
    assert [warning.code for warning in settled.warnings] == ["no_such_profile"]
    assert (settled.operations, settled.state) == (0, "applied")
    assert world.profiles() == []


def test_a_braze_id_means_its_profile() -> None:
    world = World()
    world.begin([attributes(external_id="u1")])
    [made] = world.roster.changed
    world.begin([attributes(braze_id=made, a=1)])
    assert world.profiles() == [{"external_id": "u1", "custom_attributes": {"a": 1}}]
