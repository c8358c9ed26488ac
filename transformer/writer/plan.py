"""A settlement's operations in the order in which they are applied, each with what it names.

Within a settlement attributes come before events before purchases (braze.md §2.1), then what
changes who a profile is, catalog items last; among themselves they keep the order of the output.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from transformer.delivery import Problem
from transformer.operation import JsonObject, Kind, Operation
from transformer.rules import Rules
from transformer.schemas.explanation import pointer_to
from transformer.settlement import Settlement
from transformer.writer.identity import BLOCKED_EXTERNAL_IDS, Identifier, read_identifier
from transformer.writer.lifecycle_requests import Request, read_request
from transformer.writer.rules import under_rules

# The others change who a profile is, and their path says where they stand.
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
    """An operation on a profile, and by what it names it, or why it names none.

    The object is what the workspace's rules leave of it, the warnings say what they took, and the
    texts of these attributes are no times.
    """

    rank: int
    position: int
    kind: Kind
    pointer: str
    object: JsonObject
    identifier: Identifier | Problem
    warnings: Sequence[Problem] = ()
    texts: Collection[str] = ()


class LifecycleStep(NamedTuple):
    """An operation that changes who a profile is, as it was read, or what is wrong with it."""

    position: int
    kind: Kind
    pointer: str
    request: Request | Problem


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
    """What to apply of one settlement.

    ``refused`` are the positions of what is not to be applied; ``blocked`` says why of those of which
    the workspace takes in nothing.
    """

    settlement: Settlement
    on_profiles: list[ProfileStep]
    on_catalogs: list[CatalogStep]
    on_lifecycle: Sequence[LifecycleStep] = ()
    refused: Collection[int] = ()
    blocked: Mapping[int, Problem] = field(default_factory=dict)


def plan_of(
    settlement: Settlement,
    *,
    blocked: frozenset[str] = BLOCKED_EXTERNAL_IDS,
    rules: Rules | None = None,
) -> Plan:
    """Put a settlement's operations in order.

    A pointer is the operation's place in a body, ``/events/0``; where the output is several bodies, it
    counts through all of them. No profile gets an external id that is blocked. What is wrong with an
    identifier is told before the rules are looked at.
    """
    on_profiles: list[ProfileStep] = []
    on_catalogs: list[CatalogStep] = []
    on_lifecycle: list[LifecycleStep] = []
    nothing_of: dict[int, Problem] = {}
    counts: dict[str, int] = {}
    index: int | str
    told = settlement.report.get("refused")
    refused: Collection[int] = frozenset(told) if told else ()
    for position, operation in enumerate(settlement.operations):
        kind = operation.kind
        array = _ARRAYS.get(kind)
        if array is None:
            on_lifecycle.append(_lifecycle_step(operation, position, blocked))
            continue
        rank = _RANKS[kind]
        path = operation.path
        if len(path) == _STEPS_IN_BODY:
            index = path[1]
        else:
            index = counts.get(array, 0)
            counts[array] = index + 1
        pointer = f"{array}/{index}"
        described = operation.object
        if refused and position in refused:
            continue
        if array == "/items":
            step = CatalogStep(rank, position, kind, pointer, described, operation.catalog_name)
            on_catalogs.append(step)
        else:
            identifier = read_identifier(described, pointer=pointer, blocked=blocked)
            profile_step = ProfileStep(rank, position, kind, pointer, described, identifier)
            if rules is not None and not isinstance(identifier, Problem):
                ruled = _ruled(rules, profile_step)
                if isinstance(ruled, Problem):
                    nothing_of[position] = ruled
                    continue
                profile_step = ruled
            on_profiles.append(profile_step)
    if len(on_profiles) > 1:
        on_profiles.sort(key=_order)
    return Plan(settlement, on_profiles, on_catalogs, on_lifecycle, refused, nothing_of)


def _ruled(rules: Rules, step: ProfileStep) -> ProfileStep | Problem:
    ruled = under_rules(rules, step.kind, step.object, pointer=step.pointer)
    if isinstance(ruled, Problem):
        return ruled
    described, warnings, texts = ruled
    return step._replace(object=described, warnings=warnings, texts=texts)


def _lifecycle_step(operation: Operation, position: int, blocked: frozenset[str]) -> LifecycleStep:
    pointer = pointer_to(operation.path)
    request = read_request(operation.kind, operation.object, pointer=pointer, blocked=blocked)
    return LifecycleStep(position, operation.kind, pointer, request)


def _order(step: ProfileStep) -> int:
    return step.rank
