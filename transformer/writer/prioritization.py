"""Which of several profiles with one email or phone is meant (braze.md §2.4, *prioritization*).

The words are taken in their order, and each leaves fewer: ``identified`` those with an external id,
``most_recently_updated`` one. Where several are left, none is meant: to merge or delete the wrong
profile cannot be taken back.
"""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any

from transformer.delivery import Problem
from transformer.writer.identity import shown
from transformer.writer.profile import Profile
from transformer.writer.roster import recency


class Priority(StrEnum):
    """One word of a prioritization."""

    IDENTIFIED = "identified"
    UNIDENTIFIED = "unidentified"
    MOST_RECENTLY_UPDATED = "most_recently_updated"
    LEAST_RECENTLY_UPDATED = "least_recently_updated"


_EXCLUSIVE = frozenset({Priority.IDENTIFIED, Priority.UNIDENTIFIED})
FOR_MERGING = tuple(Priority)
FOR_DELETING = (Priority.IDENTIFIED, Priority.UNIDENTIFIED, Priority.MOST_RECENTLY_UPDATED)


def read_prioritization(
    given: Any, *, allowed: Sequence[Priority], pointer: str
) -> tuple[Priority, ...] | Problem:
    """Read a prioritization, or say what is wrong with it.

    Args:
        given: the array as sent; None where it is left out.
        allowed: the words that the request knows.
        pointer: where the array stands.
    """
    words = given if isinstance(given, list) else []
    fits = (
        len(words) > 0
        and all(word in allowed for word in words)
        and len(set(words)) == len(words)
        and not set(words) >= _EXCLUSIVE
    )
    if fits:
        return tuple(Priority(word) for word in words)
    return Problem(
        "invalid_prioritization",
        f"prioritization is {shown(given)}; an array of {', '.join(allowed)} was expected, each "
        "once, and only one of the first two.",
        hint="It says which profile is meant where several have the same address.",
        pointer=pointer,
    )


def choose(candidates: Collection[Profile], priorities: Sequence[Priority]) -> list[Profile]:
    """Give the profiles that are left when each word has had its say."""
    left = list(candidates)
    for priority in priorities:
        match priority:
            case Priority.IDENTIFIED:
                left = [profile for profile in left if profile.external_id is not None]
            case Priority.UNIDENTIFIED:
                left = [profile for profile in left if profile.external_id is None]
            case Priority.MOST_RECENTLY_UPDATED:
                left = sorted(left, key=recency)[-1:]
            case Priority.LEAST_RECENTLY_UPDATED:
                left = sorted(left, key=recency)[:1]
    return left
