"""A settlement's operations in the order in which they are applied, each with what it names.

Within a settlement attributes come before events before purchases (braze.md §2.1), catalog items
last; among themselves they keep the order in which the code returned them.
"""

from dataclasses import dataclass
from typing import NamedTuple

from transformer.delivery import Problem
from transformer.operation import JsonObject, Kind
from transformer.settlement import Settlement
from transformer.writer.identity import Identifier, read_identifier

_ARRAYS: dict[Kind, str] = {
    Kind.ATTRIBUTES: "/attributes",
    Kind.EVENT: "/events",
    Kind.PURCHASE: "/purchases",
    Kind.CATALOG_CREATE: "/items",
    Kind.CATALOG_PUT: "/items",
    Kind.CATALOG_PATCH: "/items",
    Kind.CATALOG_DELETE: "/items",
}
_RANKS: dict[Kind, int] = {kind: rank for rank, kind in enumerate(_ARRAYS)}

# The array, and the place in it; before them stands the body, where there are several.
_STEPS_IN_BODY = 2


class ProfileStep(NamedTuple):
    """An operation on a profile, and by what it names it, or why it names none."""

    rank: int
    position: int
    kind: Kind
    pointer: str
    object: JsonObject
    identifier: Identifier | Problem


class CatalogStep(NamedTuple):
    """An operation on a catalog item."""

    rank: int
    position: int
    kind: Kind
    pointer: str
    object: JsonObject
    catalog_name: str


@dataclass(slots=True)
class Plan:
    """What to apply of one settlement."""

    settlement: Settlement
    on_profiles: list[ProfileStep]
    on_catalogs: list[CatalogStep]


def plan_of(settlement: Settlement) -> Plan:
    """Put a settlement's operations in order.

    A pointer is the operation's place in a body, ``/events/0``; where the output is several bodies, it
    counts through all of them.
    """
    on_profiles: list[ProfileStep] = []
    on_catalogs: list[CatalogStep] = []
    counts: dict[str, int] = {}
    index: int | str
    for position, operation in enumerate(settlement.operations):
        kind = operation.kind
        rank = _RANKS[kind]
        array = _ARRAYS[kind]
        path = operation.path
        if len(path) == _STEPS_IN_BODY:
            index = path[1]
        else:
            index = counts.get(array, 0)
            counts[array] = index + 1
        pointer = f"{array}/{index}"
        described = operation.object
        if array == "/items":
            step = CatalogStep(rank, position, kind, pointer, described, operation.catalog_name)
            on_catalogs.append(step)
        else:
            identifier = read_identifier(described, pointer=pointer)
            on_profiles.append(ProfileStep(rank, position, kind, pointer, described, identifier))
    if len(on_profiles) > 1:
        on_profiles.sort(key=_order)
    return Plan(settlement, on_profiles, on_catalogs)


def _order(step: ProfileStep) -> int:
    return step.rank
