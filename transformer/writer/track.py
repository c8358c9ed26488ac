"""Applies one attributes, events or purchases object to the profiles of a batch (braze.md §2.1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from transformer.catalog import ItemKey
from transformer.delivery import Problem
from transformer.errors import Broken
from transformer.ids import ProfileId
from transformer.operation import JsonObject, Kind
from transformer.trail import CUSTOM_EVENT, FIELD, PURCHASE
from transformer.writer.accounts import merged_groups
from transformer.writer.attributes import Change, read_change, write_change
from transformer.writer.identity import (
    Identifier,
    IdentifierType,
    may_create,
    read_identifier,
)
from transformer.writer.plan import ProfileStep
from transformer.writer.profile import Profile, new_profile
from transformer.writer.provenance import ItemChanges, ProfileChanges
from transformer.writer.roster import Roster
from transformer.writer.summaries import (
    Happened,
    count_event,
    count_purchase,
    read_event,
    read_purchase,
)


@dataclass(slots=True)
class Tally:
    """What became of a delivery's operations.

    ``passed`` counts those that had nothing to do: nothing is wrong with them.
    """

    applied: int = 0
    passed: int = 0
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    changes: dict[ProfileId, ProfileChanges] = field(default_factory=dict)
    items: dict[ItemKey, ItemChanges] = field(default_factory=dict)

    def changes_of(self, profile: Profile, *, created: bool = False) -> ProfileChanges:
        """Give where to note what is changed of a profile."""
        changes = self.changes.get(profile.id)
        if changes is None:
            changes = self.changes[profile.id] = ProfileChanges(profile, created=created)
        return changes


def apply_to_profile(
    roster: Roster, step: ProfileStep, tally: Tally, *, now: str, counting: bool
) -> bool:
    """Apply a step, or note in the tally why it is not applied.

    Args:
        roster: the profiles of the batch.
        step: what to apply.
        tally: where to note what became of it.
        now: the time of the batch, as the store keeps it.
        counting: False where the operation was applied before, by the delivery that is replayed:
            what counts is then left alone.

    Returns:
        Whether it is applied now, be it since before.
    """
    identifier = step.identifier
    if isinstance(identifier, Problem):
        tally.errors.append(identifier)
        return False
    existing_only = step.object.get("_update_existing_only")
    if existing_only is not None and not isinstance(existing_only, bool):
        tally.errors.append(_no_flag(existing_only, step.pointer))
        return False
    found = roster.find(identifier)
    if found is None and not may_create(identifier, update_existing_only=existing_only):
        tally.passed += 1
        tally.warnings.append(_no_such_profile(identifier, step.pointer))
        return False
    profile = roster.draft(identifier) if found is None else found
    read = _read(profile, step, now=now, counting=counting)
    if isinstance(read, Problem):
        tally.errors.append(read)
        return False
    if step.warnings:
        tally.warnings += step.warnings
    tally.warnings += read.warnings
    if isinstance(read, Happened) and not counting:
        tally.passed += 1
        return True
    if found is None:
        roster.add(profile, identifier=identifier)
    changes = tally.changes_of(profile, created=found is None)
    if found is None and identifier.type is IdentifierType.USER_ALIAS:
        alias = {"alias_name": identifier.value, "alias_label": identifier.label}
        changes.add("aliases_added", alias)
    _write(roster, tally, changes, read, step)
    roster.touch(profile)
    tally.applied += 1
    return True


# Reading changes nothing, so one profile stands for all that could be met.
_NOBODY = new_profile(now="")


def fault_of(
    described: JsonObject, *, kind: Kind, pointer: str, now: str, blocked: frozenset[str]
) -> Problem | None:
    """Say why an object will be rejected whichever profile it meets; None where that depends on it."""
    identifier = read_identifier(described, pointer=pointer, blocked=blocked)
    if isinstance(identifier, Problem):
        return identifier
    existing_only = described.get("_update_existing_only")
    if existing_only is not None and not isinstance(existing_only, bool):
        return _no_flag(existing_only, pointer)
    step = ProfileStep(0, 0, kind, pointer, described, identifier)
    read = _read(_NOBODY, step, now=now, counting=True)
    return read if isinstance(read, Problem) else None


def _read(
    profile: Profile, step: ProfileStep, *, now: str, counting: bool
) -> Change | Happened | Problem:
    match step.kind:
        case Kind.ATTRIBUTES:
            return read_change(
                profile, step.object, pointer=step.pointer, counting=counting, texts=step.texts
            )
        case Kind.EVENT:
            return read_event(step.object, pointer=step.pointer, now=now)
        case Kind.PURCHASE:
            return read_purchase(
                step.object, pointer=step.pointer, now=now, products=profile.purchases
            )
        case _:
            raise Broken(f"A {step.kind} operation came to a profile.")


def _write(
    roster: Roster,
    tally: Tally,
    changes: ProfileChanges,
    read: Change | Happened,
    step: ProfileStep,
) -> None:
    profile = changes.profile
    match read:
        case Change():
            write_change(changes, read)
            if read.addresses:
                _readdress(roster, changes, read.addresses)
            if read.subscriptions:
                _share_subscriptions(roster, tally, profile, read)
        case Happened() if step.kind is Kind.PURCHASE:
            before = profile.total_revenue
            count_purchase(profile, read)
            changes.count(PURCHASE + read.name, step.position)
            if profile.total_revenue != before:
                changes.note(f"{FIELD}total_revenue", before, profile.total_revenue)
        case Happened():
            count_event(profile, read)
            changes.count(CUSTOM_EVENT + read.name, step.position)


def _readdress(
    roster: Roster, changes: ProfileChanges, addresses: Mapping[str, str | None]
) -> None:
    profile = changes.profile
    email, phone = profile.email, profile.phone
    new_email, new_phone = addresses.get("email", email), addresses.get("phone", phone)
    if new_email != email:
        changes.note(f"{FIELD}email", email, new_email)
    if new_phone != phone:
        changes.note(f"{FIELD}phone", phone, new_phone)
    roster.readdress(profile, email=new_email, phone=new_phone)


def _share_subscriptions(roster: Roster, tally: Tally, profile: Profile, change: Change) -> None:
    """Give subscription groups to the others with the profile's email, too (braze.md §2.1)."""
    for other in roster.others_with_email(profile):
        held = other.fields.get("subscription_groups")
        merged = {"subscription_groups": merged_groups(held, change.subscriptions)}
        tally.changes_of(other).write(FIELD, other.fields, merged)
        roster.touch(other)


def _no_flag(value: Any, pointer: str) -> Problem:
    return Problem(
        "invalid_flag",
        f"_update_existing_only is {value!r:.80}; true or false was expected.",
        pointer=f"{pointer}/_update_existing_only",
    )


def _no_such_profile(identifier: Identifier, pointer: str) -> Problem:
    return Problem(
        "no_such_profile",
        f"No profile has {identifier}, and this object may not create one.",
        hint="braze_id never creates a profile."
        if identifier.type == "braze_id"
        else "With _update_existing_only: false the profile would be created.",
        pointer=pointer,
    )
