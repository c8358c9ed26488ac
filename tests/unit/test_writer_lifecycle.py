"""Every rule about who a profile is, one a row (braze.md §2.4); merging stands beside it."""

from collections.abc import Sequence

import pytest

from tests.support.identities import (
    ADA,
    ADA_ELSEWHERE,
    BOB,
    G1,
    World,
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
from tests.support.settlements import attributes, event, identity
from transformer.operation import JsonObject

OUT_OF_G1 = [{"subscription_group_id": G1, "subscription_state": "unsubscribed"}]

RULES = [
    # Aliases
    pytest.param(
        [],
        new_alias(**ADA),
        [{"aliases": [ADA]}],
        id="a new alias without an external id makes an alias-only profile",
    ),
    pytest.param(
        [attributes(external_id="u1")],
        new_alias("u1", **ADA),
        [{"external_id": "u1", "aliases": [ADA]}],
        id="a new alias with an external id is given to its profile",
    ),
    pytest.param(
        [attributes(external_id="u1"), new_alias("u1", **ADA)],
        new_alias("u1", **ADA_ELSEWHERE),
        [{"external_id": "u1", "aliases": [ADA, ADA_ELSEWHERE]}],
        id="a profile has aliases with several labels",
    ),
    pytest.param(
        [attributes(external_id="u1"), rename("u1", "u2")],
        new_alias("u1", **ADA),
        [{"external_id": "u2", "deprecated": ["u1"], "aliases": [ADA]}],
        id="a deprecated external id names the profile of a new alias",
    ),
    pytest.param(
        [alias_only(ADA, a=1)],
        update_alias("shop", "ada", "eve"),
        [
            {
                "aliases": [{"alias_name": "eve", "alias_label": "shop"}],
                "custom_attributes": {"a": 1},
            }
        ],
        id="an alias gets another name",
    ),
    # Identify
    pytest.param(
        [alias_only(ADA, a=1)],
        identify("u1", user_alias=ADA),
        [{"external_id": "u1", "aliases": [ADA], "custom_attributes": {"a": 1}}],
        id="an external id that nobody has is added to the alias-only profile",
    ),
    pytest.param(
        [attributes(external_id="u1", a=1), alias_only(ADA, a=2, b=2)],
        identify("u1", user_alias=ADA),
        [{"external_id": "u1", "aliases": [ADA], "custom_attributes": {"a": 1, "b": 2}}],
        id="an alias-only profile goes up in the one that has the external id",
    ),
    pytest.param(
        [attributes(external_id="u1"), rename("u1", "u2"), alias_only(ADA)],
        identify("u1", user_alias=ADA),
        [{"external_id": "u2", "deprecated": ["u1"], "aliases": [ADA]}],
        id="a deprecated external id identifies as the one in use",
    ),
    pytest.param(
        [attributes(email="a@b.co", a=1)],
        identify("u1", email="a@b.co", prioritization=["unidentified"]),
        [{"external_id": "u1", "email": "a@b.co", "custom_attributes": {"a": 1}}],
        id="an email-only profile is identified",
    ),
    pytest.param(
        [attributes(phone="+33 1 23 45 67 89")],
        identify("u1", phone="+33123456789", prioritization=["most_recently_updated"]),
        [{"external_id": "u1", "phone": "+33123456789"}],
        id="a phone-only profile is identified, however the number is written",
    ),
    pytest.param(
        [attributes(external_id="u1", email="a@b.co"), alias_only(ADA, email="a@b.co")],
        identify("u2", email="a@b.co", prioritization=["unidentified"]),
        [
            {"external_id": "u1", "email": "a@b.co"},
            {"external_id": "u2", "email": "a@b.co", "aliases": [ADA]},
        ],
        id="of those with the email, the unidentified one is identified",
    ),
    # Rename and remove
    pytest.param(
        [attributes(external_id="u1", a=1)],
        rename("u1", "u2"),
        [{"external_id": "u2", "deprecated": ["u1"], "custom_attributes": {"a": 1}}],
        id="a renamed profile keeps its old external id as a deprecated one",
    ),
    pytest.param(
        [attributes(external_id="u1"), rename("u1", "u2")],
        rename("u2", "u3"),
        [{"external_id": "u3", "deprecated": ["u1", "u2"]}],
        id="a profile is renamed again",
    ),
    pytest.param(
        [attributes(external_id="u1"), rename("u1", "u2")],
        attributes(external_id="u1", a=1),
        [{"external_id": "u2", "deprecated": ["u1"], "custom_attributes": {"a": 1}}],
        id="a deprecated external id still finds its profile",
    ),
    pytest.param(
        [attributes(external_id="u1"), rename("u1", "u2")],
        remove("u1"),
        [{"external_id": "u2"}],
        id="a deprecated external id is removed",
    ),
    pytest.param(
        [attributes(external_id="u1"), rename("u1", "u2"), remove("u1")],
        attributes(external_id="u1"),
        [{"external_id": "u2"}, {"external_id": "u1"}],
        id="an external id that was removed names a new profile",
    ),
    # Delete
    pytest.param(
        [attributes(external_id="u1"), attributes(external_id="u2")],
        delete(external_id="u1"),
        [{"external_id": "u2"}],
        id="a profile is deleted by its external id",
    ),
    pytest.param(
        [attributes(external_id="u1"), rename("u1", "u2")],
        delete(external_id="u1"),
        [],
        id="a deprecated external id deletes the profile",
    ),
    pytest.param(
        [alias_only(ADA), alias_only(BOB)],
        delete(user_alias=ADA),
        [{"aliases": [BOB]}],
        id="a profile is deleted by its alias",
    ),
    pytest.param(
        [
            attributes(external_id="u1", email="a@b.co"),
            attributes(external_id="u2", email="a@b.co"),
        ],
        delete(email="a@b.co", prioritization=["identified", "most_recently_updated"]),
        [{"external_id": "u1", "email": "a@b.co"}],
        id="of those with the email, the latest is deleted",
    ),
    pytest.param(
        [attributes(phone="+33123456"), attributes(external_id="u1", phone="+33123456")],
        delete(phone="+33 123 456", prioritization=["unidentified"]),
        [{"external_id": "u1", "phone": "+33123456"}],
        id="of those with the phone, the unidentified one is deleted",
    ),
    pytest.param(
        [
            attributes(external_id="u1", email="a@b.co", phone="+33123456"),
            delete(external_id="u1"),
            attributes(email="a@b.co"),
        ],
        attributes(phone="+33123456"),
        [{"email": "a@b.co"}, {"phone": "+33123456"}],
        id="neither email nor phone find a profile that was deleted",
    ),
    # Subscription groups (§2.1)
    pytest.param(
        [
            attributes(external_id="u1", email="a@b.co"),
            attributes(external_id="u2", email="a@b.co"),
            attributes(external_id="u3", email="c@d.co"),
            attributes(external_id="u1", first_name="Ada"),
        ],
        attributes(external_id="u4", email="a@b.co", subscription_groups=OUT_OF_G1),
        [
            {"external_id": "u3", "email": "c@d.co"},
            {
                "external_id": "u2",
                "email": "a@b.co",
                "fields": {"subscription_groups": OUT_OF_G1},
            },
            {
                "external_id": "u1",
                "email": "a@b.co",
                "fields": {"first_name": "Ada", "subscription_groups": OUT_OF_G1},
            },
            {
                "external_id": "u4",
                "email": "a@b.co",
                "fields": {"subscription_groups": OUT_OF_G1},
            },
        ],
        id="subscription groups change for all with the email, who stay in their order",
    ),
]


@pytest.mark.parametrize(("before", "operation", "after"), RULES)
def test_a_rule_of_identity(
    before: Sequence[JsonObject], operation: JsonObject, after: list[JsonObject]
) -> None:
    world = World()
    world.begin(before)
    settled = world.apply(operation)
    assert (settled.operations, settled.errors, settled.warnings) == (1, (), ())
    assert world.profiles() == after


REFUSALS = [
    # Aliases
    pytest.param(
        [attributes(external_id="u1"), alias_only(ADA)],
        new_alias("u1", **ADA),
        ("alias_taken", "/user_aliases/0"),
        id="an alias belongs to one profile",
    ),
    pytest.param(
        [attributes(external_id="u1"), new_alias("u1", **ADA)],
        new_alias("u1", **BOB),
        ("alias_label_taken", "/user_aliases/0"),
        id="a profile has one alias with each label",
    ),
    pytest.param(
        [alias_only(ADA), alias_only(BOB)],
        update_alias("shop", "ada", "bob"),
        ("alias_taken", "/alias_updates/0"),
        id="an alias does not get the name of another profile's",
    ),
    pytest.param(
        [],
        new_alias(alias_name="ada", alias_label=" "),
        ("invalid_identifier", "/user_aliases/0"),
        id="an alias has a label",
    ),
    pytest.param(
        [],
        update_alias("shop", "ada", "a" * 256),
        ("invalid_identifier", "/alias_updates/0"),
        id="an alias has at most 255 characters",
    ),
    # Identify
    pytest.param(
        [attributes(external_id="u1"), new_alias("u1", **ADA), alias_only(BOB)],
        identify("u1", user_alias=BOB),
        ("alias_label_taken", "/aliases_to_identify/0"),
        id="profiles with aliases of one label are not combined",
    ),
    pytest.param(
        [attributes(external_id="u1"), new_alias("u1", **ADA)],
        identify("u2", user_alias=ADA),
        ("already_identified", "/aliases_to_identify/0"),
        id="a profile with an external id is not identified again",
    ),
    pytest.param(
        [alias_only(ADA)],
        identify("undefined", user_alias=ADA),
        ("blacklisted_external_user_id", "/aliases_to_identify/0/external_id"),
        id="nobody is identified by what a program writes for nothing",
    ),
    pytest.param(
        [],
        identify("u1"),
        ("missing_identifier", "/aliases_to_identify/0"),
        id="who is to be identified is named",
    ),
    pytest.param(
        [attributes(email="a@b.co")],
        identify("u1", email="a@b.co"),
        ("invalid_prioritization", "/aliases_to_identify/0/prioritization"),
        id="an email needs a prioritization",
    ),
    # Prioritization
    pytest.param(
        [alias_only(ADA, email="a@b.co"), alias_only(BOB, email="a@b.co")],
        delete(email="a@b.co", prioritization=["unidentified"]),
        ("ambiguous_identifier", "/external_ids/0"),
        id="where several are left, none is deleted",
    ),
    pytest.param(
        [
            alias_only(ADA, email="a@b.co"),
            alias_only(BOB, email="a@b.co"),
            attributes(external_id="u1"),
        ],
        merge({"email": "a@b.co", "prioritization": ["unidentified"]}, external("u1")),
        ("ambiguous_identifier", "/merge_updates/0/identifier_to_merge"),
        id="where several are left, none is merged",
    ),
    pytest.param(
        [attributes(email="a@b.co")],
        delete(email="a@b.co", prioritization=["least_recently_updated"]),
        ("invalid_prioritization", "/external_ids/0/prioritization"),
        id="the one that was least recently updated is not deleted",
    ),
    *(
        pytest.param(
            [attributes(email="a@b.co")],
            delete(email="a@b.co", prioritization=prioritization),
            ("invalid_prioritization", "/external_ids/0/prioritization"),
            id=name,
        )
        for name, prioritization in {
            "identified and unidentified do not go together": ["identified", "unidentified"],
            "a word stands once": ["identified", "identified"],
            "an empty prioritization says nothing": [],
            "a word that is none": ["newest"],
            "a prioritization is an array": "identified",
            "its elements are strings": [["identified"]],
        }.items()
    ),
    # Merge
    pytest.param(
        [attributes(external_id="u1")],
        identity("merge", "merge_updates", identifier_to_merge=external("u1")),
        ("invalid_identifier", "/merge_updates/0/identifier_to_keep"),
        id="a merge names both profiles",
    ),
    pytest.param(
        [],
        merge(external("u1") | {"user_alias": ADA}, external("u2")),
        ("several_identifiers", "/merge_updates/0/identifier_to_merge"),
        id="a profile is named by one primary identifier",
    ),
    # Rename and remove
    pytest.param(
        [attributes(external_id="u1"), rename("u1", "u2")],
        rename("u1", "u3"),
        ("external_id_deprecated", "/external_id_renames/0/current_external_id"),
        id="the external id in use is renamed, not a deprecated one",
    ),
    pytest.param(
        [],
        rename("u1", "u2"),
        ("external_id_not_found", "/external_id_renames/0/current_external_id"),
        id="an external id that nobody has is not renamed",
    ),
    pytest.param(
        [attributes(external_id="u1"), attributes(external_id="u2")],
        rename("u1", "u2"),
        ("external_id_taken", "/external_id_renames/0/new_external_id"),
        id="a profile does not get another's external id",
    ),
    pytest.param(
        [attributes(external_id="u1"), attributes(external_id="u2"), rename("u2", "u3")],
        rename("u1", "u2"),
        ("external_id_taken", "/external_id_renames/0/new_external_id"),
        id="a profile does not get another's deprecated external id",
    ),
    pytest.param(
        [attributes(external_id="u1"), rename("u1", "u2")],
        rename("u2", "u1"),
        ("external_id_taken", "/external_id_renames/0/new_external_id"),
        id="a profile does not get its own deprecated external id back",
    ),
    pytest.param(
        [attributes(external_id="u1")],
        rename("u1", "u1"),
        ("external_id_taken", "/external_id_renames/0/new_external_id"),
        id="the two external ids differ",
    ),
    pytest.param(
        [attributes(external_id="u1")],
        rename("u1", "null"),
        ("blacklisted_external_user_id", "/external_id_renames/0/new_external_id"),
        id="nobody is renamed to what a program writes for nothing",
    ),
    pytest.param(
        [attributes(external_id="u1")],
        rename("u1", "é" * 494),
        ("external_user_id_too_large", "/external_id_renames/0/new_external_id"),
        id="a new external id has at most 987 bytes",
    ),
    pytest.param(
        [attributes(external_id="u1")],
        remove("u1"),
        ("external_id_primary", "/external_ids/0/external_id"),
        id="the external id in use is not removed",
    ),
    pytest.param(
        [],
        remove("u1"),
        ("external_id_not_found", "/external_ids/0/external_id"),
        id="an external id that nobody has is not removed",
    ),
    pytest.param(
        [],
        delete(),
        ("missing_identifier", "/external_ids/0"),
        id="who is to be deleted is named",
    ),
]


@pytest.mark.parametrize(("before", "operation", "problem"), REFUSALS)
def test_what_is_refused_changes_nothing(
    before: Sequence[JsonObject], operation: JsonObject, problem: tuple[str, str]
) -> None:
    world = World()
    world.begin(before)
    held = world.profiles()
    settled = world.apply(operation)
    assert [(error.code, error.pointer) for error in settled.errors] == [problem]
    assert (settled.operations, settled.state) == (0, "failed")
    assert world.profiles() == held


IDLE = [
    pytest.param(
        [], new_alias("u1", **ADA), "no_such_profile", id="an alias for an external id of nobody"
    ),
    pytest.param(
        [alias_only(ADA)], new_alias(**ADA), "alias_taken", id="an alias-only profile again"
    ),
    pytest.param(
        [attributes(external_id="u1"), new_alias("u1", **ADA)],
        new_alias("u1", **ADA),
        "alias_taken",
        id="an alias that the profile has",
    ),
    pytest.param(
        [], update_alias("shop", "ada", "eve"), "no_such_profile", id="another name for no alias"
    ),
    pytest.param(
        [alias_only(ADA)],
        update_alias("shop", "ada", "ada"),
        "alias_taken",
        id="another name that is the same",
    ),
    pytest.param(
        [alias_only(ADA)],
        update_alias("forum", "ada", "eve"),
        "no_such_profile",
        id="another name under another label",
    ),
    pytest.param([], identify("u1", user_alias=ADA), "no_such_profile", id="to identify nobody"),
    pytest.param(
        [alias_only(ADA), identify("u1", user_alias=ADA)],
        identify("u1", user_alias=ADA),
        "already_identified",
        id="to identify a second time",
    ),
    pytest.param(
        [attributes(external_id="u1", email="a@b.co")],
        identify("u2", email="a@b.co", prioritization=["unidentified"]),
        "no_such_profile",
        id="to identify where everybody with the email has an external id",
    ),
    pytest.param(
        [attributes(external_id="u1")],
        merge(external("u2"), external("u1")),
        "no_such_profile",
        id="to merge nobody",
    ),
    pytest.param(
        [attributes(external_id="u1")],
        merge(external("u1"), external("u2")),
        "no_such_profile",
        id="to merge into nobody",
    ),
    pytest.param(
        [attributes(external_id="u1"), rename("u1", "u2")],
        merge(external("u1"), external("u2")),
        "same_profile",
        id="to merge a profile into itself",
    ),
    pytest.param([], delete(external_id="u1"), "no_such_profile", id="to delete nobody"),
    pytest.param(
        [], delete(braze_id="prf_nobody"), "no_such_profile", id="to delete an unknown braze_id"
    ),
]


@pytest.mark.parametrize(("before", "operation", "code"), IDLE)
def test_what_has_nothing_to_do_is_no_mistake(
    before: Sequence[JsonObject], operation: JsonObject, code: str
) -> None:
    world = World()
    world.begin(before)
    held = world.profiles()
    settled = world.apply(operation)
    assert [warning.code for warning in settled.warnings] == [code]
    assert (settled.operations, settled.state, settled.errors) == (0, "applied", ())
    assert settled.unapplied == "0"
    assert world.profiles() == held


def test_operations_on_identities_keep_the_order_of_the_request() -> None:
    world = World()
    settled = world.apply(
        attributes(external_id="u1", a=1),
        rename("u1", "u2"),
        rename("u2", "u3"),
        delete(external_id="u1"),
        rename("u3", "u4"),
    )
    assert settled.operations == 4
    assert [problem.pointer for problem in settled.errors] == [
        "/external_id_renames/2/current_external_id"
    ]
    assert world.profiles() == []


@pytest.mark.parametrize(
    "operation",
    [
        rename("null", "u1"),
        merge(external("null"), external("u2")),
        merge(external("u2"), external("null")),
        delete(external_id="null"),
    ],
    ids=["renamed", "merged", "kept", "deleted"],
)
def test_a_profile_that_has_a_blocked_id_from_before_can_be(operation: JsonObject) -> None:
    world = World()
    world.apply(attributes(external_id="null"), attributes(external_id="u2"), blocked=frozenset())
    assert world.apply(operation).operations == 1


def test_what_is_blocked_names_nobody() -> None:
    world = World()
    settled = world.apply(
        attributes(external_id="[object Object]"), event(external_id="undefined", name="x")
    )
    assert [(error.code, error.pointer) for error in settled.errors] == [
        ("blacklisted_external_user_id", "/attributes/0/external_id"),
        ("blacklisted_external_user_id", "/events/0/external_id"),
    ]
    assert world.profiles() == []
