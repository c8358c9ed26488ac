"""How changes read in a terminal."""

import io

from rich.console import Console

from transformer.cli.changes_view import MOST_SHOWN, print_changes
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
from transformer.writer.dry_run import DryRun
from transformer.writer.identity import Identifier, IdentifierType

ADA = ProfileName(ProfileId("prf_1"), external_id="ada")
ALIAS = {"alias_name": "n", "alias_label": "l"}


def shown(*differences: Difference) -> list[str]:
    console = Console(file=io.StringIO(), width=80, highlight=False)
    print_changes(console, DryRun((), differences).as_json())
    written = console.file
    assert isinstance(written, io.StringIO)
    return [line.rstrip() for line in written.getvalue().splitlines() if line.strip()]


def test_a_value_shows_what_it_was_and_what_it_becomes() -> None:
    changes = compare(
        {"first_name": "Ada", "custom_attributes": {"plan": "free", "old": 1}},
        {"custom_attributes": {"plan": "pro", "new/x": {"a": 1}}, "email": "[bold]@x.co"},
    )
    assert shown(ProfileDiffers(ADA, Fate.CHANGED, changes)) == [
        "~ profile with external_id ada  changed",
        '   email       "[bold]@x.co"',
        '   first_name  "Ada"  removed',
        '   new/x       {"a": 1}',
        "   old         1  removed",
        '   plan        "free" → "pro"',
    ]


def test_elements_show_what_comes_and_what_goes() -> None:
    changes = compare(
        {"custom_attributes": {"a": ["x", "y"], "b": [1, 2]}, "user_aliases": [ALIAS]},
        {"custom_attributes": {"a": ["y", "z"], "b": [2, 1]}},
    )
    assert shown(ProfileDiffers(ADA, Fate.CHANGED, changes))[1:] == [
        "   user_aliases  - n (label l)",
        '   a             + "z"  - "x"',
        "   b             in another order",
    ]


def test_counts_show_how_often_before_and_after() -> None:
    changes = compare(
        {"purchases": {"mug": {"count": 2}}, "total_revenue": 20},
        {
            "custom_events": {"a/b": {"count": 1}},
            "purchases": {"mug": {"count": 3}},
            "total_revenue": 30,
        },
    )
    assert shown(ProfileDiffers(ADA, Fate.CHANGED, changes))[1:] == [
        "   event a/b      0 → 1",
        "   purchase mug   2 → 3",
        "   total_revenue  20.00 → 30.00",
    ]


def test_a_new_profile_is_not_told_its_own_name() -> None:
    made = {"external_id": "bob", "user_aliases": [ALIAS], "custom_attributes": {"x": 1}}
    name = ProfileName(None, external_id="bob", aliases=(("l", "n"),))
    assert shown(ProfileDiffers(name, Fate.CREATED, compare({}, made))) == [
        "+ profile with external_id bob  created",
        "   x  1",
    ]


def test_items_and_what_stays_as_it_is_have_a_line() -> None:
    assert shown(
        ItemDiffers("products", "mug", Fate.REMOVED, compare({"price": 1}, {})),
        ItemDiffers("products", "cup", Fate.UNCHANGED),
    ) == [
        "- item mug of catalog products  removed",
        "   price  1  removed",
        "= item cup of catalog products  unchanged",
    ]


def test_a_profile_that_goes_up_in_another_says_in_whom() -> None:
    kept = ProfileName(ProfileId("prf_2"), email="a@b.co")
    assert shown(ProfileDiffers(ADA, Fate.REMOVED, (), kept)) == [
        "- profile with external_id ada  merged into profile with email a@b.co"
    ]


def test_identifiers_that_are_not_clear_are_told_in_a_sentence() -> None:
    email = Identifier(IdentifierType.EMAIL, "a@b.co")
    other = ProfileName(ProfileId("prf_2"))
    assert shown(IdentifierShared(email, ADA, (other,)), NobodyMeant(email, "/events/0")) == [
        "! 2 profiles have email a@b.co: the one with external_id ada is meant, not",
        "braze_id prf_2.",
        "! Nobody has email a@b.co, so /events/0 changes nothing.",
    ]


def test_of_many_the_sum_is_told_and_the_first_are_shown() -> None:
    many = [
        ProfileDiffers(ProfileName(None, external_id=f"u{number}"), Fate.CREATED)
        for number in range(MOST_SHOWN + 2)
    ]
    lines = shown(*many)
    assert lines[0] == "  52 new profiles"
    assert lines[-1] == "  … and 2 more; --json has them all."
    assert len(lines) == MOST_SHOWN + 2


def test_no_difference_is_told_as_well() -> None:
    assert shown() == ["  Nothing would change."]
