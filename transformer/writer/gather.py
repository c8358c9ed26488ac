"""Gathers what settlements need of the store, with a few statements for all of them.

Reading stands apart from :mod:`transformer.writer.apply`, so that who only wants to know what would
be written settles the same roster and shelf.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from transformer.catalog import is_name
from transformer.delivery import Problem
from transformer.ids import WorkspaceId
from transformer.settlement import Settlement
from transformer.store import catalogs, deliveries, identities, items, profiles
from transformer.writer.catalogs import Shelf
from transformer.writer.identity import Identifier, IdentifierType, is_email
from transformer.writer.lifecycle_requests import identifiers_of
from transformer.writer.plan import Plan
from transformer.writer.profile import Profile, profile_from_row
from transformer.writer.replays import Repeats, applied_of
from transformer.writer.roster import Roster

_Kind = TypeVar("_Kind", bound=Roster)


@dataclass(slots=True)
class _Named:
    """What the steps name profiles by.

    One dictionary a type and not one by type: hashing an enumeration is slow, and this runs for
    every operation. They keep the order of the stream, which sets would not.
    """

    external_ids: dict[str, None] = field(default_factory=dict)
    aliases: dict[profiles.Alias, None] = field(default_factory=dict)
    braze_ids: dict[str, None] = field(default_factory=dict)
    emails: dict[str, None] = field(default_factory=dict)
    phones: dict[str, None] = field(default_factory=dict)


def read_roster(
    connection: Connection,
    workspace_id: WorkspaceId,
    plans: Sequence[Plan],
    *,
    now: str,
    kind: type[_Kind],
) -> _Kind:
    """Give the profiles that the steps may mean, and who has the names that they give them."""
    named = _named_by(plans)
    aliases = profiles.read_aliases(connection, workspace_id=workspace_id, wanted=named.aliases)
    read = partial(profiles.read_profiles, connection, workspace_id=workspace_id)
    found = [
        profile_from_row(row)
        for row in read(
            ids={*named.braze_ids, *aliases.values()},
            external_ids=named.external_ids,
            emails=named.emails,
            phones=named.phones,
        )
    ]
    known = {profile.external_id for profile in found}
    deprecated = identities.read_deprecated(
        connection,
        workspace_id=workspace_id,
        wanted=[external_id for external_id in named.external_ids if external_id not in known],
    )
    found += map(profile_from_row, read(ids=set(deprecated.values())))
    shared = _emails_of_subscriptions(plans, found)
    found += map(profile_from_row, read(emails=shared - named.emails.keys()))
    if any(plan.on_lifecycle for plan in plans):
        # Whoever a merge, a deletion or a new alias may concern is among them.
        more, former = identities.read_names_of(
            connection, workspace_id=workspace_id, ids={profile.id for profile in found}
        )
        aliases |= more
        deprecated |= former
    return kind(found, aliases=aliases, deprecated=deprecated, now=now)


def _named_by(plans: Sequence[Plan]) -> _Named:
    named = _Named()
    external_ids = named.external_ids
    for identifier in _identifiers_in(plans):
        if isinstance(identifier, Problem):
            continue
        match identifier.type:
            case IdentifierType.EXTERNAL_ID:
                external_ids[identifier.value] = None
            case IdentifierType.USER_ALIAS:
                named.aliases[identifier.label, identifier.value] = None
            case IdentifierType.BRAZE_ID:
                named.braze_ids[identifier.value] = None
            case IdentifierType.EMAIL:
                named.emails[identifier.value] = None
            case IdentifierType.PHONE:
                named.phones[identifier.value] = None
    return named


def _identifiers_in(plans: Sequence[Plan]) -> list[Identifier | Problem]:
    identifiers = [step.identifier for plan in plans for step in plan.on_profiles]
    for plan in plans:
        for step in plan.on_lifecycle:
            if not isinstance(step.request, Problem):
                identifiers += identifiers_of(step.request)
    return identifiers


def _emails_of_subscriptions(plans: Sequence[Plan], found: Sequence[Profile]) -> set[str]:
    """Give the emails whose profiles share subscription groups that the batch changes.

    Of a profile that is named otherwise, the email is that which it has, or which the batch gives
    it: a few too many are read.
    """
    steps = [step for plan in plans for step in plan.on_profiles]
    if not any(["subscription_groups" in step.object for step in steps]):  # noqa: C419 - as fast again
        return set()
    given = [step.object.get("email") for step in steps]
    emails = [*given, *(profile.email for profile in found)]
    return {email for email in emails if is_email(email)}


def read_shelf(
    connection: Connection,
    workspace_id: WorkspaceId,
    plans: Sequence[Plan],
    *,
    hold: bool = False,
) -> Shelf:
    """Give the catalogs that the steps name, and the items that they may find there.

    Who writes them must ``hold`` the catalogs: else one is deleted meanwhile, and its new items stay.
    """
    steps = [step for plan in plans for step in plan.on_catalogs]
    if not steps:
        return Shelf(catalogs={}, documents={})
    names = {step.catalog_name for step in steps}
    known = catalogs.read_catalogs(connection, workspace_id=workspace_id, names=names, hold=hold)
    # Also what a put replaces: whether it is there says how many items there are.
    keys = {
        (step.catalog_name, step.object["id"])
        for step in steps
        if step.catalog_name in known and is_name(step.object.get("id"))
    }
    stored = items.read_stored(connection, catalogs=known, keys=sorted(keys))
    return Shelf(
        catalogs=known,
        documents={key: document for key, (document, _) in stored.items()},
        trails={key: trail for key, (_, trail) in stored.items()},
    )


def read_repeats(
    connection: Connection, workspace_id: WorkspaceId, settlements: Sequence[Settlement]
) -> Repeats:
    """Give what the delivery log knows of those that repeat an earlier one."""
    repeated = [settlement for settlement in settlements if settlement.is_repeated]
    if not repeated:
        return Repeats(set(), applied={}, tried={})
    applied: dict[deliveries.OperationsOf, int] = {}
    for of, count, unapplied in deliveries.read_applied(
        connection,
        workspace_id=workspace_id,
        event_ids=[settlement.event_id for settlement in repeated],
    ):
        applied[of] = applied.get(of, 0) | applied_of(count, unapplied)
    return Repeats(
        {(settlement.event_id, settlement.transformation_id) for settlement in repeated},
        applied=applied,
        tried=deliveries.read_tried(
            connection,
            workspace_id=workspace_id,
            delivery_ids=[one.delivery_id for one in repeated if one.is_retry],
        ),
    )
