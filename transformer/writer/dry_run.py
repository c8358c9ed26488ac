"""Says what settlements would change in the store, without writing anything.

There is no second reading of the rules: what is needed is gathered and settled in memory as
:mod:`transformer.writer.apply` does it, and then held against the store instead of being written
to it. tests/contract/test_writer_dry_run_promise.py holds that the writer then keeps the promise.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from transformer.clock import to_text
from transformer.delivery import Outcome, Problem
from transformer.ids import (
    EventId,
    ProfileId,
    SourceId,
    TransformationId,
    WorkspaceId,
    new_delivery_id,
)
from transformer.operation import JsonObject
from transformer.settlement import Settlement
from transformer.store.rules import read_rules
from transformer.writer.catalogs import Shelf
from transformer.writer.changes import compare
from transformer.writer.differences import (
    Difference,
    Fate,
    IdentifierShared,
    ItemDiffers,
    NobodyMeant,
    ProfileDiffers,
)
from transformer.writer.gather import read_repeats, read_roster, read_shelf
from transformer.writer.identity import BLOCKED_EXTERNAL_IDS, Identifier
from transformer.writer.plan import Plan, plan_of
from transformer.writer.portraits import Portraits, as_stored
from transformer.writer.profile import Profile
from transformer.writer.roster import Roster
from transformer.writer.sentences import sentences_of
from transformer.writer.settle import Settled, settle
from transformer.writer.sums import summary_of

_NOBODY = "no_such_profile"


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would become of settlements.

    Args:
        settled: how each of them would end; None for a retry that comes too late.
        differences: profiles in the order in which they are first changed, then items likewise,
            then identifiers that are not as clear as their author may think.
    """

    settled: tuple[Settled | None, ...]
    differences: tuple[Difference, ...]

    def as_json(self) -> JsonObject:
        """Give what would differ, in the shape of the API and the command line."""
        return {
            "summary": summary_of(self.differences),
            "diff": [one.as_json() | {"sentences": sentences_of(one)} for one in self.differences],
        }


def dry_run(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    settlements: Sequence[Settlement],
    now: datetime,
    blocked: frozenset[str] = BLOCKED_EXTERNAL_IDS,
) -> DryRun:
    """Settle these, in order, against the store as it is, and say what would differ afterwards.

    Args:
        connection: a transaction in which the store stands still (:func:`snapshot`).
        workspace_id: whose settlements; they need not be in the delivery log.
        settlements: as the worker would hand them to the writer.
        now: the time of the writer.
        blocked: the external ids that the writer gives to no profile.
    """
    at = to_text(now)
    rules = read_rules(connection, workspace_id=workspace_id)
    plans = [plan_of(settlement, blocked=blocked, rules=rules) for settlement in settlements]
    roster = read_roster(connection, workspace_id, plans, now=at, kind=_AttentiveRoster)
    shelf = read_shelf(connection, workspace_id, plans)
    repeats = read_repeats(connection, workspace_id, settlements)
    settled = tuple(
        settle(plan, roster=roster, shelf=shelf, repeats=repeats, now=at) for plan in plans
    )
    return DryRun(
        settled,
        (
            *_profiles(connection, workspace_id, roster),
            *_items(shelf),
            *_shared(connection, workspace_id, roster),
            *_nobody(plans, settled),
        ),
    )


def settled_json(settled: Settled | None) -> JsonObject:
    """Say how a delivery would end and what the writer has to say about it, as the API does."""
    return {
        "outcome": settled.state.value if settled else None,
        "operations": settled.operations if settled else 0,
        "errors": [problem.as_json() for problem in settled.errors] if settled else [],
        "warnings": [problem.as_json() for problem in settled.warnings] if settled else [],
    }


def as_delivered(
    outcome: Outcome,
    *,
    workspace_id: WorkspaceId,
    event_id: EventId,
    accepted_at: str,
    transformation_id: TransformationId | None = None,
) -> Settlement:
    """Give the outcome of a run as a worker would hand it to the writer."""
    return Settlement(
        delivery_id=new_delivery_id(),
        workspace_id=workspace_id,
        source_id=SourceId(""),
        transformation_id=transformation_id,
        revision_id=None,
        event_id=event_id,
        verdict=outcome.verdict.value,
        output=outcome.output,
        operations=outcome.operations,
        report=outcome.remarks(),
        duration_us=outcome.duration_us,
        accepted_at=accepted_at,
        content_type="",
        headers=b"{}",
        body=b"",
    )


class _AttentiveRoster(Roster):
    """Notes where several profiles could have been meant, and which one was."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.shared: dict[tuple[Identifier, ProfileId], list[Profile]] = {}

    def find(self, identifier: Identifier) -> Profile | None:
        found = super().find(identifier)
        candidates = self.sharing(identifier)
        if found is not None and len(candidates) > 1:
            self.shared.setdefault((identifier, found.id), list(candidates))
        return found


def _profiles(
    connection: Connection, workspace_id: WorkspaceId, roster: Roster
) -> Iterator[ProfileDiffers]:
    met = [*roster.changed.values(), *roster.removed.values()]
    portraits = Portraits(connection, workspace_id, met, roster=roster)
    for profile in met:
        changes = compare(portraits.before(profile), portraits.after(profile))
        if not profile.stored:
            fate = Fate.CREATED
        elif profile.id in roster.removed:
            fate = Fate.REMOVED
        else:
            fate = Fate.CHANGED if changes else Fate.UNCHANGED
        into = roster.merged.get(profile.id)
        yield ProfileDiffers(
            portraits.name(profile), fate, changes, portraits.name(into) if into else None
        )


def _items(shelf: Shelf) -> Iterator[ItemDiffers]:
    for key, document in shelf.changed.items():
        before = shelf.stored.get(key)
        after = None if document is None else as_stored(document)
        changes = compare(before or {}, after or {})
        match before, after:
            case None, None:
                continue  # put and deleted again
            case None, _:
                fate = Fate.CREATED
            case _, None:
                fate = Fate.REMOVED
            case _:
                fate = Fate.CHANGED if changes else Fate.UNCHANGED
        yield ItemDiffers(*key, fate, changes)


def _shared(
    connection: Connection, workspace_id: WorkspaceId, roster: _AttentiveRoster
) -> Iterator[IdentifierShared]:
    met = {one.id: one for candidates in roster.shared.values() for one in candidates}
    portraits = Portraits(connection, workspace_id, met.values(), roster=roster)
    for (identifier, meant), candidates in roster.shared.items():
        others = tuple(portraits.name(one) for one in candidates if one.id != meant)
        yield IdentifierShared(identifier, portraits.name(met[meant]), others)


def _nobody(plans: Iterable[Plan], settled: Iterable[Settled | None]) -> Iterable[NobodyMeant]:
    return dict.fromkeys(
        NobodyMeant(step.identifier, step.pointer)
        for plan, one in zip(plans, settled, strict=True)
        if one is not None
        for problem in one.warnings
        if problem.code == _NOBODY
        for step in plan.on_profiles
        if step.pointer == problem.pointer and not isinstance(step.identifier, Problem)
    )
