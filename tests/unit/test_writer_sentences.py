"""How differences read: one row a sentence, the row's name says when it is said."""

from typing import Any

import pytest

from transformer.ids import ProfileId
from transformer.writer.changes import compare
from transformer.writer.differences import (
    Difference,
    Fate,
    IdentifierShared,
    ItemDiffers,
    NobodyMeant,
    ProfileDiffers,
    ProfileName,
)
from transformer.writer.identity import Identifier, IdentifierType
from transformer.writer.sentences import sentences_of
from transformer.writer.sums import summary_of

ADA = ProfileName(ProfileId("prf_1"), external_id="ada-1", email="ada@x.co")
NEW = ProfileName(None, external_id="bob")
ON_ADA = "on the profile with external_id ada-1."
EMAIL = Identifier(IdentifierType.EMAIL, "a@b.co")


def _profile(before: dict[str, Any], after: dict[str, Any]) -> ProfileDiffers:
    return ProfileDiffers(ADA, Fate.CHANGED, compare(before, after))


def _attributes(before: dict[str, Any], after: dict[str, Any]) -> ProfileDiffers:
    return _profile({"custom_attributes": before}, {"custom_attributes": after})


def _item(fate: Fate, before: dict[str, Any], after: dict[str, Any]) -> ItemDiffers:
    return ItemDiffers("products", "mug", fate, compare(before, after))


def _counted(section: str, before: int, after: int, **more: Any) -> ProfileDiffers:
    held, wanted = ({section: {"mug": {"count": times}}} for times in (before, after))
    return _profile(held | more.get("held", {}), wanted | more.get("wanted", {}))


SENTENCES: dict[str, tuple[Difference, list[str]]] = {
    "a value is changed": (
        _attributes({"plan": "free"}, {"plan": "pro"}),
        ['Changes plan from "free" to "pro" on the profile with external_id ada-1.'],
    ),
    "a value is set": (
        _profile({}, {"first_name": "Ada"}),
        ['Sets first_name to "Ada" on the profile with external_id ada-1.'],
    ),
    "a value is removed": (
        _attributes({"plan": "free"}, {}),
        ['Removes plan (was "free") from the profile with external_id ada-1.'],
    ),
    "a value inside of an object": (
        _attributes({"address": {"city": "Paris"}}, {"address": {"city": "Lyon"}}),
        ['Changes address.city from "Paris" to "Lyon" on the profile with external_id ada-1.'],
    ),
    "a long value is cut": (
        _attributes({}, {"a": "x" * 100}),
        [f'Sets a to "{"x" * 58}… on the profile with external_id ada-1.'],
    ),
    "elements come": (
        _attributes({"tags": []}, {"tags": ["vip", "new"]}),
        ['Adds "vip" and "new" to tags on the profile with external_id ada-1.'],
    ),
    "elements go": (
        _attributes({"tags": ["old", "x"]}, {"tags": ["x"]}),
        ['Takes "old" out of tags on the profile with external_id ada-1.'],
    ),
    "elements come and go": (
        _attributes({"tags": ["old"]}, {"tags": ["vip"]}),
        ['Adds "vip" to tags and takes "old" out, on the profile with external_id ada-1.'],
    ),
    "of many elements the first are named": (
        _attributes({"n": []}, {"n": list(range(9))}),
        [f"Adds 0, 1, 2, 3, 4 and 4 more to n {ON_ADA}"],
    ),
    "elements change places": (
        _attributes({"n": [1, 2]}, {"n": [2, 1]}),
        [f"Puts the elements of n into another order {ON_ADA}"],
    ),
    "an event is counted": (
        _counted("custom_events", 2, 3),
        [f"Counts one mug event (was 2, now 3), {ON_ADA}"],
    ),
    "several events are counted": (
        _counted("custom_events", 0, 3),
        [f"Counts 3 mug events (was 0, now 3), {ON_ADA}"],
    ),
    "a purchase is told with its revenue": (
        _counted("purchases", 2, 3, held={"total_revenue": 20}, wanted={"total_revenue": 30.5}),
        [f"Counts one purchase of mug (was 2, now 3), revenue 20.00 → 30.50, {ON_ADA}"],
    ),
    "the revenue of several products is told by itself": (
        _profile(
            {"purchases": {}, "total_revenue": 1},
            {"purchases": {"a": {"count": 2}, "b c": {"count": 1}}, "total_revenue": 3},
        ),
        [
            f"Counts 2 purchases of a (was 0, now 2), {ON_ADA}",
            'Counts one purchase of "b c" (was 0, now 1), on the profile with external_id ada-1.',
            f"Changes total_revenue from 1.00 to 3.00 {ON_ADA}",
        ],
    ),
    "a summary changes and its count does not": (
        _profile(
            {"custom_events": {"e": {"count": 1, "first": "b"}}},
            {"custom_events": {"e": {"count": 1, "first": "a"}}},
        ),
        [f"Changes when the event e happened first or last, {ON_ADA}"],
    ),
    "aliases come and go": (
        _profile(
            {"user_aliases": [{"alias_name": "a", "alias_label": "l"}]},
            {"user_aliases": [{"alias_name": "b", "alias_label": "l"}]},
        ),
        [f"Gives the alias b (label l) and takes away the alias a (label l), {ON_ADA}"],
    ),
    "a profile is made": (
        ProfileDiffers(
            NEW,
            Fate.CREATED,
            compare(
                {},
                {
                    "external_id": "bob",
                    "email": "b@x.co",
                    "custom_attributes": {"plan": "free"},
                    "custom_events": {"e": {"count": 1}},
                },
            ),
        ),
        ['Creates a profile for external_id bob with email "b@x.co", plan "free" and one e event.'],
    ),
    "a profile that is made of its email has it in its name alone": (
        ProfileDiffers(
            ProfileName(None, email="b@x.co"), Fate.CREATED, compare({}, {"email": "b@x.co"})
        ),
        ["Creates a profile for email b@x.co."],
    ),
    "a profile has it all already": (
        ProfileDiffers(ADA, Fate.UNCHANGED),
        ["Leaves the profile with external_id ada-1 as it is."],
    ),
    "a profile goes": (
        ProfileDiffers(ADA, Fate.REMOVED),
        ["Removes the profile with external_id ada-1."],
    ),
    "a profile goes up in another": (
        ProfileDiffers(ADA, Fate.REMOVED, (), NEW),
        ["Merges the profile with external_id ada-1 into the profile with external_id bob."],
    ),
    "a name with spaces is quoted": (
        ProfileDiffers(ProfileName(None, external_id="a b"), Fate.UNCHANGED),
        ['Leaves the profile with external_id "a b" as it is.'],
    ),
    "who has no external id is named by an alias": (
        ProfileDiffers(ProfileName(None, email="x@y.co", aliases=(("l", "n"),)), Fate.UNCHANGED),
        ["Leaves the profile with alias n (label l) as it is."],
    ),
    "an item is made": (
        _item(Fate.CREATED, {}, {"price": 3}),
        ["Creates the item mug of catalog products with price 3."],
    ),
    "an item loses a field": (
        _item(Fate.CHANGED, {"price": 3}, {}),
        ["Removes price (was 3) from the item mug of catalog products."],
    ),
    "an item is put as it was": (
        _item(Fate.UNCHANGED, {}, {}),
        ["Leaves the item mug of catalog products as it is."],
    ),
    "an item goes": (
        _item(Fate.REMOVED, {"price": 3}, {}),
        ["Removes the item mug of catalog products."],
    ),
    "several profiles have one email": (
        IdentifierShared(EMAIL, ADA, (NEW, ProfileName(ProfileId("prf_2")))),
        [
            "3 profiles have email a@b.co: the one with external_id ada-1 is meant, not external_id bob or braze_id prf_2."
        ],
    ),
    "nobody is meant": (
        NobodyMeant(EMAIL, "/events/0"),
        ["Nobody has email a@b.co, so /events/0 changes nothing."],
    ),
}


@pytest.mark.parametrize(("difference", "said"), SENTENCES.values(), ids=SENTENCES.keys())
def test_sentences(difference: Difference, said: list[str]) -> None:
    assert sentences_of(difference) == said


def test_what_is_alike_is_counted() -> None:
    plan = _attributes({"plan": "free"}, {"plan": "pro"})
    differences: list[Difference] = [
        ProfileDiffers(NEW, Fate.CREATED),
        *[plan] * 12,
        *[ProfileDiffers(NEW, Fate.CREATED)] * 2,
        _item(Fate.CHANGED, {"price": 3}, {}),
    ]
    assert summary_of(differences) == [
        "12 profiles change plan",
        "3 new profiles",
        "1 catalog item loses price",
    ]


SUMS: dict[str, tuple[list[Difference], list[str]]] = {
    "nothing differs": ([], []),
    "one of each": (
        [
            _attributes({}, {"plan": "pro", "tags": [1]}),
            _attributes({"tags": [1]}, {"tags": [2]}),
            ProfileDiffers(ADA, Fate.UNCHANGED),
            ProfileDiffers(ADA, Fate.REMOVED),
            NobodyMeant(EMAIL, "/events/0"),
            IdentifierShared(EMAIL, ADA, (NEW,)),
        ],
        [
            "1 profile gets plan",
            "1 profile gets tags",
            "1 profile changes tags",
            "1 profile stays as it is",
            "1 profile is removed",
            "1 object names nobody",
            "1 identifier is shared by profiles",
        ],
    ),
    "many of each": (
        [
            *[ProfileDiffers(ADA, Fate.REMOVED)] * 2,
            *[_item(Fate.UNCHANGED, {}, {})] * 2,
            *[_counted("custom_events", 0, 2)] * 2,
        ],
        [
            "2 profiles are removed",
            "2 catalog items stay as they are",
            "2 profiles count mug events",
        ],
    ),
    "some go up in others": (
        [ProfileDiffers(ADA, Fate.REMOVED, (), NEW)],
        ["1 profile is merged into another"],
    ),
    "a purchase speaks for its revenue": (
        [_counted("purchases", 0, 1, wanted={"total_revenue": 3})],
        ["1 profile counts purchases of mug"],
    ),
}


@pytest.mark.parametrize(("differences", "said"), SUMS.values(), ids=SUMS.keys())
def test_sums(differences: list[Difference], said: list[str]) -> None:
    assert summary_of(differences) == said
