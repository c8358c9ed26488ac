"""What a workspace forces and blocks: types of custom attributes, names of which nothing is taken in.

braze.md §2.1, *attributes object*. How an object is brought under them stands in ``writer/rules.py``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

MAX_RULES = 1_000
"""How many types a workspace may force, and how many names it may block: a writer holds them all."""

MAX_NAME_LENGTH = 255


class ForcedType(StrEnum):
    """The type that a custom attribute is to have, whatever is sent for it."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    ARRAY = "array"
    OBJECT = "object"


class BlockedKind(StrEnum):
    """What a blocked name is the name of."""

    ATTRIBUTE = "attribute"
    EVENT = "event"
    PRODUCT = "product"
    EVENT_PROPERTY = "event_property"
    PRODUCT_PROPERTY = "product_property"


PROPERTIES = frozenset({BlockedKind.EVENT_PROPERTY, BlockedKind.PRODUCT_PROPERTY})
"""The kinds that are blocked of one event or product."""


class BlockedName(NamedTuple):
    """A name of which nothing is taken in; ``of`` is the event or product of a property, else empty."""

    kind: BlockedKind
    name: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one workspace, as they are looked up.

    Args:
        types: the forced types, by attribute.
        attributes, events, products: the blocked names.
        event_properties, product_properties: the blocked names, by event and product.
    """

    types: Mapping[str, ForcedType]
    attributes: frozenset[str]
    events: frozenset[str]
    products: frozenset[str]
    event_properties: Mapping[str, frozenset[str]]
    product_properties: Mapping[str, frozenset[str]]


def rules_of(
    types: Mapping[str, ForcedType] | None = None, blocked: Iterable[BlockedName] = ()
) -> Rules | None:
    """Put a workspace's rules together; None where there is not one."""
    names = list(blocked)
    if not types and not names:
        return None
    return Rules(
        types=types or {},
        attributes=_names(names, BlockedKind.ATTRIBUTE),
        events=_names(names, BlockedKind.EVENT),
        products=_names(names, BlockedKind.PRODUCT),
        event_properties=_by_owner(names, BlockedKind.EVENT_PROPERTY),
        product_properties=_by_owner(names, BlockedKind.PRODUCT_PROPERTY),
    )


def _names(blocked: Iterable[BlockedName], kind: BlockedKind) -> frozenset[str]:
    return frozenset(one.name for one in blocked if one.kind is kind)


def _by_owner(blocked: Iterable[BlockedName], kind: BlockedKind) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in blocked:
        if one.kind is kind:
            found.setdefault(one.of, set()).add(one.name)
    return {owner: frozenset(names) for owner, names in found.items()}
