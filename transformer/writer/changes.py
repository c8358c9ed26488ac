"""What differs between two states of a document: values, elements of arrays, counts.

Pure functions on JSON values. A change holds all that is needed to make the one state out of the
other (tests/contract/test_writer_dry_run_promise.py does).
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal, TypeAlias

from transformer.operation import JsonObject, Path
from transformer.writer.pointers import pointer_to
from transformer.writer.values import is_same


class Absent(Enum):
    """What stands where there is no value; a null is one."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT

CUSTOM_ATTRIBUTES = "custom_attributes"
CUSTOM_EVENTS = "custom_events"
PURCHASES = "purchases"
TOTAL_REVENUE = "total_revenue"
# In this order a change of a profile is told; what is not named here stands before the last four.
_FIRST = ("external_id", "deprecated_external_ids", "user_aliases", "email", "phone")
_LAST = (CUSTOM_ATTRIBUTES, CUSTOM_EVENTS, PURCHASES, TOTAL_REVENUE)
_RANKS = {name: rank for rank, name in enumerate((*_FIRST, "", *_LAST))}


@dataclass(frozen=True, slots=True)
class ValueChanged:
    """A value that is set, replaced or removed; :data:`ABSENT` where there is none."""

    path: Path
    before: Any
    after: Any

    def as_json(self) -> JsonObject:
        """Give the shape of the API and the command line."""
        return {"kind": "value", **_from_to(self.path, self.before, self.after)}


@dataclass(frozen=True, slots=True)
class ElementsChanged:
    """An array that was one before; with neither added nor removed, its order alone is another."""

    path: Path
    before: list[Any]
    after: list[Any]

    @property
    def added(self) -> list[Any]:
        """The elements that were not there."""
        return _without(self.after, self.before)

    @property
    def removed(self) -> list[Any]:
        """The elements that are there no more."""
        return _without(self.before, self.after)

    def as_json(self) -> JsonObject:
        """Give the shape of the API and the command line."""
        told = {"added": self.added, "removed": self.removed}
        return {"kind": "elements", **_from_to(self.path, self.before, self.after), **told}


@dataclass(frozen=True, slots=True)
class CountChanged:
    """What is remembered of an event or a product: ``{"count", "first", "last"}`` or ABSENT."""

    path: Path
    before: JsonObject | Absent
    after: JsonObject | Absent

    @property
    def what(self) -> Literal["event", "purchase"]:
        """Which of the two is counted."""
        return "event" if self.path[0] == CUSTOM_EVENTS else "purchase"

    @property
    def name(self) -> str:
        """The event's name or the product's id."""
        return str(self.path[1])

    @property
    def counts(self) -> tuple[int, int]:
        """How often before and after."""
        return _count(self.before), _count(self.after)

    def as_json(self) -> JsonObject:
        """Give the shape of the API and the command line."""
        return {"kind": self.what, "name": self.name} | _from_to(self.path, self.before, self.after)


Change: TypeAlias = ValueChanged | ElementsChanged | CountChanged


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Say what makes one document out of another, in an order that does not depend on theirs."""
    return tuple(_objects((), before, after))


def _objects(path: Path, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Change]:
    for name in sorted(before.keys() | after.keys(), key=_rank if not path else str):
        held, wanted = before.get(name, ABSENT), after.get(name, ABSENT)
        place = (*path, name)
        if place in ((CUSTOM_ATTRIBUTES,), (CUSTOM_EVENTS,), (PURCHASES,)):
            # Their names are what a person looks for: each one is told, also where all are new.
            held, wanted = _named(held), _named(wanted)
        if not is_same(held, wanted):
            yield from _values(place, held, wanted)


def _values(path: Path, before: Any, after: Any) -> Iterable[Change]:
    match before, after:
        case _ if len(path) > 1 and path[0] in (CUSTOM_EVENTS, PURCHASES):
            yield CountChanged(path, before, after)
        case dict(), dict():
            yield from _objects(path, before, after)
        case list(), list():
            yield ElementsChanged(path, before, after)
        case _:
            yield ValueChanged(path, before, after)


def _without(elements: list[Any], others: list[Any]) -> list[Any]:
    """Give the elements that have no equal among the others, each of which stands for one."""
    left = Counter(map(_key, others))
    kept = []
    for element in elements:
        key = _key(element)
        if left[key]:
            left[key] -= 1
        else:
            kept.append(element)
    return kept


def _key(value: Any) -> Hashable:
    """Give what two values have in common that are one, whatever the order of their names."""
    match value:
        case bool():
            return bool, value
        case dict():
            return dict, frozenset((name, _key(held)) for name, held in value.items())
        case list():
            return list, tuple(map(_key, value))
        case _:
            hashable: Hashable = value
            return hashable


def _rank(name: str) -> tuple[int, str]:
    return _RANKS.get(name, _RANKS[""]), name


def _named(section: Any) -> Any:
    return {} if section is ABSENT else section


def _count(summary: JsonObject | Absent) -> int:
    return 0 if isinstance(summary, Absent) else int(summary["count"])


def _from_to(path: Path, before: Any, after: Any) -> JsonObject:
    told: JsonObject = {"path": pointer_to("", *path)}
    if before is not ABSENT:
        told["before"] = before
    if after is not ABSENT:
        told["after"] = after
    return told
