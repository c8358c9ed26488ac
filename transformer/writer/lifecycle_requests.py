"""What an operation asks for that changes who a profile is (braze.md §2.4).

Reading says only what stands in the object; whether there is such a profile is decided in
:mod:`transformer.writer.lifecycle`. Keys that an object has beyond its own are no matter.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from transformer.delivery import Problem
from transformer.errors import Broken
from transformer.operation import JsonObject, Kind
from transformer.writer.identity import (
    BLOCKED_EXTERNAL_IDS,
    Identifier,
    IdentifierType,
    read_alias,
    read_external_id,
    read_identifier,
    shown,
)
from transformer.writer.prioritization import (
    FOR_DELETING,
    FOR_MERGING,
    Priority,
    read_prioritization,
)

_ADDRESSES = (IdentifierType.EMAIL, IdentifierType.PHONE)
_NONE_BLOCKED: frozenset[str] = frozenset()


class Named(NamedTuple):
    """By what a profile is named, and which one is meant where several have the address."""

    identifier: Identifier
    priorities: tuple[Priority, ...] = ()


@dataclass(frozen=True, slots=True)
class NewAlias:
    """Give a profile an alias; without an external id, make the profile."""

    external_id: Identifier | None
    alias: Identifier


@dataclass(frozen=True, slots=True)
class UpdatedAlias:
    """Give an alias another name, on its profile and under its label."""

    old: Identifier
    new: Identifier


@dataclass(frozen=True, slots=True)
class Identification:
    """Give a profile without an external id this one, be it a profile's already."""

    external_id: Identifier
    unidentified: Named


@dataclass(frozen=True, slots=True)
class Merging:
    """Let one profile go up in another."""

    merged: Named
    kept: Named


@dataclass(frozen=True, slots=True)
class Renaming:
    """Give a profile another external id; it is found by both."""

    current: Identifier
    new: Identifier


@dataclass(frozen=True, slots=True)
class Removal:
    """Forget an external id that a profile had before it was renamed."""

    external_id: Identifier


@dataclass(frozen=True, slots=True)
class Deletion:
    """Forget a profile."""

    deleted: Named


Request: TypeAlias = (
    NewAlias | UpdatedAlias | Identification | Merging | Renaming | Removal | Deletion
)


def read_request(  # noqa: PLR0911 - one return a kind
    kind: Kind,
    described: JsonObject,
    *,
    pointer: str,
    blocked: frozenset[str] = BLOCKED_EXTERNAL_IDS,
) -> Request | Problem:
    """Read what an object asks for, or say what is wrong with it.

    Args:
        kind: what it changes.
        described: one element of the request's array.
        pointer: where it stands.
        blocked: the external ids that no profile gets. One that has it from before can still be
            renamed, merged and deleted.
    """
    match kind:
        case Kind.ALIAS_NEW:
            return _new_alias(described, pointer)
        case Kind.ALIAS_UPDATE:
            return _updated_alias(described, pointer)
        case Kind.IDENTIFY:
            return _identification(described, pointer, blocked)
        case Kind.MERGE:
            return _merging(described, pointer)
        case Kind.RENAME:
            return _renaming(described, pointer, blocked)
        case Kind.REMOVE:
            external_id = _external_id(described, "external_id", pointer)
            return external_id if isinstance(external_id, Problem) else Removal(external_id)
        case Kind.DELETE:
            deleted = _named(described, pointer, allowed=FOR_DELETING)
            return deleted if isinstance(deleted, Problem) else Deletion(deleted)
        case (
            Kind.ATTRIBUTES
            | Kind.EVENT
            | Kind.PURCHASE
            | Kind.CATALOG_CREATE
            | Kind.CATALOG_PUT
            | Kind.CATALOG_PATCH
            | Kind.CATALOG_DELETE
        ):
            raise Broken(f"A {kind} operation does not change who a profile is.")


def identifiers_of(request: Request) -> Iterator[Identifier]:
    """Give every identifier that has to be looked up before the request can be applied."""
    match request:
        case NewAlias(external_id, alias):
            if external_id is not None:
                yield external_id
            yield alias
        case UpdatedAlias(old, new) | Renaming(old, new):
            yield old
            yield new
        case Identification(external_id, unidentified):
            yield external_id
            yield unidentified.identifier
        case Merging(merged, kept):
            yield merged.identifier
            yield kept.identifier
        case Removal(external_id):
            yield external_id
        case Deletion(deleted):
            yield deleted.identifier


def _new_alias(described: JsonObject, pointer: str) -> NewAlias | Problem:
    alias = read_alias(described.get("alias_name"), described.get("alias_label"), pointer=pointer)
    if isinstance(alias, Problem):
        return alias
    if described.get("external_id") is None:
        return NewAlias(None, alias)
    external_id = _external_id(described, "external_id", pointer)
    return external_id if isinstance(external_id, Problem) else NewAlias(external_id, alias)


def _updated_alias(described: JsonObject, pointer: str) -> UpdatedAlias | Problem:
    label = described.get("alias_label")
    old = read_alias(described.get("old_alias_name"), label, pointer=pointer)
    new = read_alias(described.get("new_alias_name"), label, pointer=pointer)
    if isinstance(old, Problem):
        return old
    return new if isinstance(new, Problem) else UpdatedAlias(old, new)


def _identification(
    described: JsonObject, pointer: str, blocked: frozenset[str]
) -> Identification | Problem:
    external_id = _external_id(described, "external_id", pointer, blocked=blocked)
    if isinstance(external_id, Problem):
        return external_id
    others = {name: value for name, value in described.items() if name != "external_id"}
    unidentified = _named(others, pointer, allowed=FOR_MERGING)
    if isinstance(unidentified, Problem):
        return unidentified
    return Identification(external_id, unidentified)


def _merging(described: JsonObject, pointer: str) -> Merging | Problem:
    both: list[Named] = []
    for name in ("identifier_to_merge", "identifier_to_keep"):
        place = f"{pointer}/{name}"
        identifier = described.get(name)
        if not isinstance(identifier, dict):
            return Problem(
                "invalid_identifier",
                f"{name} is {shown(identifier)}; an object was expected that names a profile.",
                pointer=place,
            )
        named = _named(identifier, place, allowed=FOR_MERGING)
        if isinstance(named, Problem):
            return named
        both.append(named)
    return Merging(*both)


def _renaming(described: JsonObject, pointer: str, blocked: frozenset[str]) -> Renaming | Problem:
    current = _external_id(described, "current_external_id", pointer)
    if isinstance(current, Problem):
        return current
    new = _external_id(described, "new_external_id", pointer, blocked=blocked)
    return new if isinstance(new, Problem) else Renaming(current, new)


def _external_id(
    described: JsonObject, name: str, pointer: str, *, blocked: frozenset[str] = _NONE_BLOCKED
) -> Identifier | Problem:
    return read_external_id(described.get(name), pointer=pointer, blocked=blocked, name=name)


def _named(described: JsonObject, pointer: str, *, allowed: Sequence[Priority]) -> Named | Problem:
    identifier = read_identifier(described, pointer=pointer, blocked=_NONE_BLOCKED)
    if isinstance(identifier, Problem) or identifier.type not in _ADDRESSES:
        return identifier if isinstance(identifier, Problem) else Named(identifier)
    priorities = read_prioritization(
        described.get("prioritization"), allowed=allowed, pointer=f"{pointer}/prioritization"
    )
    return priorities if isinstance(priorities, Problem) else Named(identifier, priorities)
