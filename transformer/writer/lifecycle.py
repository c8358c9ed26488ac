"""Changes who a profile is: its aliases, its external ids, its going up in another, its end.

Each operation is applied whole or not at all (braze.md §2.4). Once it is applied its key is spent: a
replay leaves alone what it did, for the name may have been given to somebody else since.
"""

from dataclasses import dataclass
from typing import TypeAlias

from transformer.delivery import Problem
from transformer.operation import JsonObject
from transformer.trail import FIELD
from transformer.writer.identity import Identifier
from transformer.writer.lifecycle_merge import merge_data
from transformer.writer.lifecycle_requests import (
    Deletion,
    Identification,
    Merging,
    Named,
    NewAlias,
    Removal,
    Renaming,
    Request,
    UpdatedAlias,
)
from transformer.writer.plan import LifecycleStep
from transformer.writer.prioritization import choose
from transformer.writer.profile import Profile
from transformer.writer.roster import Roster
from transformer.writer.track import Tally


@dataclass(frozen=True, slots=True)
class Idle:
    """There is nothing to do, which is no mistake; the report says why."""

    why: Problem


Refusal: TypeAlias = Problem | Idle


def apply_lifecycle(roster: Roster, step: LifecycleStep, tally: Tally, *, counting: bool) -> bool:
    """Apply a step, or note in the tally why it is not applied.

    Args:
        roster: the profiles of the batch.
        step: what to apply.
        tally: where to note what became of it.
        counting: False where the operation was applied before, by the delivery that is replayed.

    Returns:
        Whether it is applied now, be it since before.
    """
    if isinstance(step.request, Problem):
        tally.errors.append(step.request)
        return False
    if not counting:
        tally.passed += 1
        return True
    refused = _apply(roster, step.request, tally, step.pointer)
    match refused:
        case None:
            tally.applied += 1
        case Idle(why):
            tally.passed += 1
            tally.warnings.append(why)
        case Problem():
            tally.errors.append(refused)
    return refused is None


def _apply(  # noqa: PLR0911 - one return a kind of request
    roster: Roster, request: Request, tally: Tally, pointer: str
) -> Refusal | None:
    match request:
        case NewAlias():
            return _add_alias(roster, request, tally, pointer)
        case UpdatedAlias():
            return _update_alias(roster, request, tally, pointer)
        case Identification():
            return _identify(roster, request, tally, pointer)
        case Merging():
            return _merge(roster, request, tally, pointer)
        case Renaming():
            return _rename(roster, request, tally, pointer)
        case Removal():
            return _forget(roster, request, tally, pointer)
        case Deletion():
            found = _find(roster, request.deleted, pointer)
            if not isinstance(found, Profile):
                return found
            roster.remove(found)
            tally.changes_of(found).tell("deleted", value=True)
            return None


def _add_alias(roster: Roster, request: NewAlias, tally: Tally, pointer: str) -> Refusal | None:
    alias = request.alias
    owner = roster.find(alias)
    if request.external_id is None:
        if owner is not None:
            return Idle(_alias_taken(alias, pointer))
        made = roster.draft(alias)
        roster.add(made, identifier=alias)
        tally.changes_of(made, created=True).add("aliases_added", _as_given(alias))
        roster.touch(made)
        return None
    profile = roster.find(request.external_id)
    if profile is None:
        return Idle(_nobody(request.external_id, pointer))
    if owner is not None:
        taken = _alias_taken(alias, pointer)
        return Idle(taken) if owner is profile else taken
    if alias.label in _labels(roster, profile):
        return _label_taken([alias.label], profile, pointer)
    roster.aliases.give((alias.label, alias.value), profile.id)
    tally.changes_of(profile).add("aliases_added", _as_given(alias))
    roster.touch(profile)
    return None


def _update_alias(
    roster: Roster, request: UpdatedAlias, tally: Tally, pointer: str
) -> Refusal | None:
    old, new = request.old, request.new
    profile = roster.find(old)
    if profile is None:
        return Idle(_nobody(old, pointer))
    if roster.find(new) is not None:
        taken = _alias_taken(new, pointer)
        return Idle(taken) if new == old else taken
    roster.aliases.take((old.label, old.value))
    roster.aliases.give((new.label, new.value), profile.id)
    changes = tally.changes_of(profile)
    changes.add("aliases_removed", _as_given(old))
    changes.add("aliases_added", _as_given(new))
    roster.touch(profile)
    return None


def _identify(
    roster: Roster, request: Identification, tally: Tally, pointer: str
) -> Refusal | None:
    profile = _find(roster, request.unidentified, pointer)
    if not isinstance(profile, Profile):
        return profile
    known = roster.find(request.external_id)
    if profile.external_id is not None:
        identified = _identified(profile, pointer)
        return Idle(identified) if known is profile else identified
    if known is None:
        _give_external_id(roster, tally, profile, request.external_id.value)
        roster.touch(profile)
        return None
    shared = _labels(roster, known) & _labels(roster, profile)
    if shared:
        return _label_taken(sorted(shared), known, pointer)
    _join(roster, tally, kept=known, merged=profile)
    return None


def _merge(roster: Roster, request: Merging, tally: Tally, pointer: str) -> Refusal | None:
    merged = _find(roster, request.merged, f"{pointer}/identifier_to_merge")
    if not isinstance(merged, Profile):
        return merged
    kept = _find(roster, request.kept, f"{pointer}/identifier_to_keep")
    if not isinstance(kept, Profile):
        return kept
    if kept is merged:
        return Idle(
            Problem(
                "same_profile",
                "Both identifiers name the same profile: there is nothing to merge.",
                pointer=pointer,
            )
        )
    _join(roster, tally, kept=kept, merged=merged)
    return None


def _rename(roster: Roster, request: Renaming, tally: Tally, pointer: str) -> Refusal | None:
    current, new = request.current.value, request.new.value
    profile = roster.find(request.current)
    if profile is None:
        return _no_external_id(request.current, f"{pointer}/current_external_id")
    if profile.external_id != current:
        return Problem(
            "external_id_deprecated",
            f"The external_id {current!r} is deprecated; the profile's external_id is "
            f"{profile.external_id!r}.",
            hint="Rename that one.",
            pointer=f"{pointer}/current_external_id",
        )
    if roster.find(request.new) is not None:
        return Problem(
            "external_id_taken",
            f"The external_id {new!r} is in use already, be it as a deprecated one.",
            hint="POST /users/external_ids/remove frees a deprecated one, POST /users/merge makes "
            "one profile of two.",
            pointer=f"{pointer}/new_external_id",
        )
    _give_external_id(roster, tally, profile, new)
    roster.touch(profile)
    return None


def _forget(roster: Roster, request: Removal, tally: Tally, pointer: str) -> Refusal | None:
    profile = roster.find(request.external_id)
    if profile is None:
        return _no_external_id(request.external_id, f"{pointer}/external_id")
    if profile.external_id == request.external_id.value:
        return Problem(
            "external_id_primary",
            f"The external_id {profile.external_id!r} is the profile's own; only a deprecated one "
            "can be removed.",
            hint="Rename it first, or delete the profile.",
            pointer=f"{pointer}/external_id",
        )
    roster.deprecated.take(request.external_id.value)
    tally.changes_of(profile).add("external_ids_removed", request.external_id.value)
    roster.touch(profile)
    return None


def _give_external_id(roster: Roster, tally: Tally, profile: Profile, external_id: str) -> None:
    tally.changes_of(profile).note(f"{FIELD}external_id", profile.external_id, external_id)
    roster.rename(profile, external_id)


def _join(roster: Roster, tally: Tally, *, kept: Profile, merged: Profile) -> None:
    """Let a profile go up in another, which gets what it lacks: data, addresses and names."""
    aliases = roster.aliases.of(merged.id)
    external_id, deprecated = merged.external_id, roster.deprecated.of(merged.id)
    email, phone = kept.email or merged.email, kept.phone or merged.phone
    changes, before = tally.changes_of(kept), _fields_of(kept)
    changes.absorb(tally.changes_of(merged))
    merge_data(kept, merged)
    changes.note_all(FIELD, before, _fields_of(kept))
    roster.remove(merged, into=kept)
    roster.readdress(kept, email=email, phone=phone)
    labels = _labels(roster, kept)
    for label, name in aliases:
        if label not in labels:
            roster.aliases.give((label, name), kept.id)
            changes.add("aliases_added", {"alias_name": name, "alias_label": label})
    if kept.external_id is None and external_id is not None:
        roster.rename(kept, external_id)
        for former in deprecated:
            roster.deprecated.give(former, kept.id)
    roster.touch(kept)


def _find(roster: Roster, named: Named, pointer: str) -> Profile | Refusal:
    if not named.priorities:
        return roster.find(named.identifier) or Idle(_nobody(named.identifier, pointer))
    left = choose(roster.sharing(named.identifier), named.priorities)
    match left:
        case []:
            return Idle(_nobody(named.identifier, pointer))
        case [profile]:
            return profile
        case _:
            return Problem(
                "ambiguous_identifier",
                f"{len(left)} profiles have {named.identifier} and the prioritization "
                f"{', '.join(named.priorities)}: none of them is meant.",
                hint="Add most_recently_updated to the prioritization.",
                pointer=pointer,
            )


def _fields_of(profile: Profile) -> JsonObject:
    return {**profile.fields, "total_revenue": profile.total_revenue}


def _as_given(alias: Identifier) -> JsonObject:
    return {"alias_name": alias.value, "alias_label": alias.label}


def _labels(roster: Roster, profile: Profile) -> set[str]:
    return {label for label, _ in roster.aliases.of(profile.id)}


def _nobody(identifier: Identifier, pointer: str) -> Problem:
    return Problem(
        "no_such_profile",
        f"No profile is meant by {identifier}, so nothing was done.",
        pointer=pointer,
    )


def _alias_taken(alias: Identifier, pointer: str) -> Problem:
    return Problem(
        "alias_taken",
        f"There is a profile with {alias} already; an alias belongs to one.",
        hint="POST /users/merge makes one profile of two.",
        pointer=pointer,
    )


def _label_taken(labels: list[str], profile: Profile, pointer: str) -> Problem:
    return Problem(
        "alias_label_taken",
        f"The profile {profile.id} has an alias with the label {', '.join(map(repr, labels))} "
        "already; it can have one with each label.",
        hint="POST /users/alias/update gives an alias another name.",
        pointer=pointer,
    )


def _identified(profile: Profile, pointer: str) -> Problem:
    return Problem(
        "already_identified",
        f"The profile has the external_id {profile.external_id!r} already.",
        hint="POST /users/merge makes one profile of two, POST /users/external_ids/rename gives "
        "one another external_id.",
        pointer=pointer,
    )


def _no_external_id(external_id: Identifier, pointer: str) -> Problem:
    return Problem(
        "external_id_not_found",
        f"No profile has the external_id {external_id.value!r}.",
        pointer=pointer,
    )
