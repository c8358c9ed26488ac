"""What becomes of two profiles when one goes up in the other, one rule a row (braze.md §2.4)."""

from collections.abc import Sequence

import pytest

from tests.support.identities import (
    ADA,
    ADA_ELSEWHERE,
    BOB,
    G1,
    G2,
    World,
    alias_only,
    external,
    identify,
    merge,
    new_alias,
    rename,
)
from tests.support.settlements import attributes, event, purchase
from transformer.operation import JsonObject
from transformer.writer.summaries import MAX_PRODUCTS

RULES = [
    pytest.param(
        [
            attributes(external_id="u1", a=1, first_name="Al"),
            attributes(external_id="u2", a=2, b=2, first_name="Alex", last_name="Sterling"),
        ],
        merge(external("u2"), external("u1")),
        [
            {
                "external_id": "u1",
                "custom_attributes": {"a": 1, "b": 2},
                "fields": {"first_name": "Al", "last_name": "Sterling"},
            }
        ],
        id="the profile that is kept wins, and its blanks are filled",
    ),
    pytest.param(
        [attributes(external_id="u1", a={"b": 1}), attributes(external_id="u2", a={"c": 2})],
        merge(external("u2"), external("u1")),
        [{"external_id": "u1", "custom_attributes": {"a": {"b": 1}}}],
        id="a nested attribute is one value: it is not mixed",
    ),
    pytest.param(
        [
            attributes(external_id="u1", email="a@b.co"),
            attributes(external_id="u2", email="c@d.co", phone="+33123456"),
        ],
        merge(external("u2"), external("u1")),
        [{"external_id": "u1", "email": "a@b.co", "phone": "+33123456"}],
        id="email and phone are fields like others",
    ),
    pytest.param(
        [
            attributes(external_id="u1"),
            attributes(external_id="u2", email="a@b.co"),
            merge(external("u2"), external("u1")),
        ],
        attributes(email="a@b.co", a=1),
        [{"external_id": "u1", "email": "a@b.co", "custom_attributes": {"a": 1}}],
        id="an email finds the profile that it was merged into",
    ),
    pytest.param(
        [
            attributes(external_id="u1", email="c@d.co"),
            attributes(external_id="u2", email="a@b.co"),
            merge(external("u2"), external("u1")),
        ],
        attributes(email="a@b.co"),
        [{"external_id": "u1", "email": "c@d.co"}, {"email": "a@b.co"}],
        id="an email that was not taken over finds nobody",
    ),
    pytest.param(
        [
            event(external_id="u1", name="x", time="2026-01-05T00:00:00.000Z"),
            event(external_id="u2", name="x", time="2026-01-01T00:00:00.000Z"),
            event(external_id="u2", name="x", time="2026-01-09T00:00:00.000Z"),
            event(external_id="u2", name="y", time="2026-01-03T00:00:00.000Z"),
        ],
        merge(external("u2"), external("u1")),
        [
            {
                "external_id": "u1",
                "custom_events": {
                    "x": {
                        "first": "2026-01-01T00:00:00.000Z",
                        "last": "2026-01-09T00:00:00.000Z",
                        "count": 3,
                    },
                    "y": {
                        "first": "2026-01-03T00:00:00.000Z",
                        "last": "2026-01-03T00:00:00.000Z",
                        "count": 1,
                    },
                },
            }
        ],
        id="events are added up, with the earlier first and the later last",
    ),
    pytest.param(
        [
            purchase(external_id="u1", price=0.1, time="2026-01-05T00:00:00.000Z"),
            purchase(external_id="u2", price=0.1, quantity=2, time="2026-01-01T00:00:00.000Z"),
        ],
        merge(external("u2"), external("u1")),
        [
            {
                "external_id": "u1",
                "purchases": {
                    "mug": {
                        "first": "2026-01-01T00:00:00.000Z",
                        "last": "2026-01-05T00:00:00.000Z",
                        "count": 3,
                    }
                },
                "total_revenue": 0.3,
            }
        ],
        id="purchases and the revenue are added up",
    ),
    pytest.param(
        [
            attributes(
                external_id="u1",
                date_of_first_session="2026-01-05T00:00:00.000Z",
                date_of_last_session="2026-01-06T00:00:00.000Z",
            ),
            attributes(
                external_id="u2",
                date_of_first_session="2026-01-01T00:00:00.000Z",
                date_of_last_session="2026-01-09T00:00:00.000Z",
            ),
        ],
        merge(external("u2"), external("u1")),
        [
            {
                "external_id": "u1",
                "fields": {
                    "date_of_first_session": "2026-01-01T00:00:00.000Z",
                    "date_of_last_session": "2026-01-09T00:00:00.000Z",
                },
            }
        ],
        id="of first sessions the earlier is kept, of last sessions the later",
    ),
    pytest.param(
        [
            attributes(
                external_id="u1",
                subscription_groups=[
                    {"subscription_group_id": G1, "subscription_state": "unsubscribed"}
                ],
                push_tokens=[{"app_id": "app", "token": "t1"}],
            ),
            attributes(
                external_id="u2",
                subscription_groups=[
                    {"subscription_group_id": G1, "subscription_state": "subscribed"},
                    {"subscription_group_id": G2, "subscription_state": "subscribed"},
                ],
                push_tokens=[{"app_id": "app", "token": "t1"}, {"app_id": "app", "token": "t2"}],
            ),
        ],
        merge(external("u2"), external("u1")),
        [
            {
                "external_id": "u1",
                "fields": {
                    "subscription_groups": [
                        {"subscription_group_id": G1, "subscription_state": "unsubscribed"},
                        {"subscription_group_id": G2, "subscription_state": "subscribed"},
                    ],
                    "push_tokens": [
                        {"app_id": "app", "token": "t1"},
                        {"app_id": "app", "token": "t2"},
                    ],
                },
            }
        ],
        id="subscription groups and push tokens are merged one by one",
    ),
    pytest.param(
        [
            attributes(external_id="u1"),
            new_alias("u1", **ADA),
            alias_only(BOB),
            identify("u2", user_alias=BOB),
            new_alias("u2", **ADA_ELSEWHERE),
        ],
        merge({"user_alias": BOB}, {"user_alias": ADA}),
        [{"external_id": "u1", "aliases": [ADA, ADA_ELSEWHERE]}],
        id="aliases are carried over, but for one whose label is taken",
    ),
    pytest.param(
        [attributes(external_id="u1"), rename("u1", "u2"), attributes(external_id="u3")],
        merge(external("u2"), external("u3")),
        [{"external_id": "u3"}],
        id="the external ids of what was merged are forgotten",
    ),
    pytest.param(
        [attributes(external_id="u1"), rename("u1", "u2"), alias_only(ADA)],
        merge(external("u2"), {"user_alias": ADA}),
        [{"external_id": "u2", "deprecated": ["u1"], "aliases": [ADA]}],
        id="a profile without an external id gets that of what is merged, and its deprecated ones",
    ),
    pytest.param(
        [attributes(email="a@b.co", a=1), attributes(external_id="u1", email="a@b.co")],
        merge(
            {"email": "a@b.co", "prioritization": ["unidentified"]},
            {"email": "a@b.co", "prioritization": ["identified"]},
        ),
        [{"external_id": "u1", "email": "a@b.co", "custom_attributes": {"a": 1}}],
        id="two profiles with one email are told apart by the prioritization",
    ),
]


@pytest.mark.parametrize(("before", "operation", "after"), RULES)
def test_a_rule_of_merging(
    before: Sequence[JsonObject], operation: JsonObject, after: list[JsonObject]
) -> None:
    world = World()
    world.begin(before)
    settled = world.apply(operation)
    assert (settled.operations, settled.errors, settled.warnings) == (1, (), ())
    assert world.profiles() == after


def test_a_merged_profile_has_as_many_products_as_another() -> None:
    world = World()
    for external_id, first in (("u1", 0), ("u2", 2)):
        made = MAX_PRODUCTS - 1
        world.apply(
            *(
                purchase(external_id=external_id, product_id=f"p{first + number}", price=1)
                for number in range(made)
            )
        )
    assert world.apply(merge(external("u2"), external("u1"))).operations == 1
    [profile] = world.profiles()
    assert len(profile["purchases"]) == MAX_PRODUCTS
    assert profile["total_revenue"] == 2 * (MAX_PRODUCTS - 1)
