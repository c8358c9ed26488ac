"""Gathers what settlements need of the store, with a few statements for all of them.

Reading stands apart from :mod:`transformer.writer.apply`, so that who only wants to know what would
be written settles the same roster and shelf.
"""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import Connection

from transformer.catalog import is_name
from transformer.delivery import Problem
from transformer.ids import WorkspaceId
from transformer.settlement import Settlement
from transformer.store import catalogs, deliveries, items, profiles
from transformer.writer.catalogs import Shelf
from transformer.writer.identity import IdentifierType
from transformer.writer.plan import Plan
from transformer.writer.profile import profile_from_row
from transformer.writer.replays import Repeats, applied_of
from transformer.writer.roster import Roster

_Kind = TypeVar("_Kind", bound=Roster)


def read_roster(
    connection: Connection,
    workspace_id: WorkspaceId,
    plans: Sequence[Plan],
    *,
    now: str,
    kind: type[_Kind],
) -> _Kind:
    """Give the profiles that the steps may mean, and who has the aliases that they name."""
    # One dictionary a type and not one by type: hashing an enumeration is slow, and this runs for
    # every operation. They keep the order of the stream, which sets would not.
    external_ids: dict[str, None] = {}
    braze_ids: dict[str, None] = {}
    emails: dict[str, None] = {}
    phones: dict[str, None] = {}
    aliases: dict[profiles.Alias, None] = {}
    for plan in plans:
        for step in plan.on_profiles:
            identifier = step.identifier
            if isinstance(identifier, Problem):
                continue
            match identifier.type:
                case IdentifierType.EXTERNAL_ID:
                    external_ids[identifier.value] = None
                case IdentifierType.USER_ALIAS:
                    aliases[identifier.label, identifier.value] = None
                case IdentifierType.BRAZE_ID:
                    braze_ids[identifier.value] = None
                case IdentifierType.EMAIL:
                    emails[identifier.value] = None
                case IdentifierType.PHONE:
                    phones[identifier.value] = None
    owners = profiles.read_aliases(connection, workspace_id=workspace_id, wanted=aliases)
    rows = profiles.read_profiles(
        connection,
        workspace_id=workspace_id,
        ids={*braze_ids, *owners.values()},
        external_ids=external_ids,
        emails=emails,
        phones=phones,
    )
    return kind(map(profile_from_row, rows), aliases=owners, now=now)


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
    documents = items.read_documents(connection, catalogs=known, keys=sorted(keys))
    return Shelf(catalogs=known, documents=documents)


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
