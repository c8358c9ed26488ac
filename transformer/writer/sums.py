"""Sums differences up: "12 profiles change plan", "3 new profiles", "1 catalog item loses price"."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from transformer.writer.changes import (
    ABSENT,
    TOTAL_REVENUE,
    Change,
    CountChanged,
    ElementsChanged,
    ValueChanged,
)
from transformer.writer.differences import (
    Difference,
    Fate,
    IdentifierShared,
    ItemDiffers,
    NobodyMeant,
    ProfileDiffers,
    ProfileName,
)
from transformer.writer.sentences import path_text


class _Phrase(NamedTuple):
    """What one or many of something do, in both forms of the verb."""

    noun: str
    does: str
    do: str
    before: str = ""

    def about(self, count: int) -> str:
        """Say it of so many."""
        noun = self.noun if count == 1 else f"{self.noun}s"
        verb = self.does if count == 1 else self.do
        return " ".join(part for part in (str(count), self.before, noun, verb) if part)


def summary_of(differences: Iterable[Difference]) -> list[str]:
    """Count what is alike; what is met most stands first, else what is met first."""
    counts = Counter(phrase for one in differences for phrase in dict.fromkeys(_phrases(one)))
    return [phrase.about(count) for phrase, count in counts.most_common()]


def _phrases(difference: Difference) -> Iterator[_Phrase]:
    match difference:
        case ProfileDiffers(merged_into=ProfileName()):
            yield _Phrase("profile", "is merged into another", "are merged into others")
        case ProfileDiffers(_, fate, changes):
            yield from _of_fate("profile", fate, changes)
        case ItemDiffers(_, _, fate, changes):
            yield from _of_fate("catalog item", fate, changes)
        case IdentifierShared():
            yield _Phrase("identifier", "is shared by profiles", "are shared by profiles")
        case NobodyMeant():
            yield _Phrase("object", "names nobody", "name nobody")


def _of_fate(noun: str, fate: Fate, changes: Sequence[Change]) -> Iterator[_Phrase]:
    match fate:
        case Fate.CREATED:
            yield _Phrase(noun, "", "", "new")
        case Fate.CHANGED:
            bought = any(
                isinstance(one, CountChanged) and one.what == "purchase" for one in changes
            )
            for change in changes:
                if not (bought and change.path == (TOTAL_REVENUE,)):
                    yield _of_change(noun, change)
        case Fate.UNCHANGED:
            yield _Phrase(noun, "stays as it is", "stay as they are")
        case Fate.REMOVED:
            yield _Phrase(noun, "is removed", "are removed")


def _of_change(noun: str, change: Change) -> _Phrase:
    match change:
        case CountChanged():
            is_event = change.what == "event"
            counted = f"{change.name} events" if is_event else f"purchases of {change.name}"
            return _Phrase(noun, f"counts {counted}", f"count {counted}")
        case ValueChanged(path, before) if before is ABSENT:
            return _Phrase(noun, f"gets {path_text(path)}", f"get {path_text(path)}")
        case ValueChanged(path, _, after) if after is ABSENT:
            return _Phrase(noun, f"loses {path_text(path)}", f"lose {path_text(path)}")
        case ValueChanged(path) | ElementsChanged(path):
            return _Phrase(noun, f"changes {path_text(path)}", f"change {path_text(path)}")
