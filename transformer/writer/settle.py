"""Settles one delivery: applies its operations in memory and says in which state it ends."""

from collections.abc import Sequence
from dataclasses import dataclass

from transformer import settlement
from transformer.delivery import Problem, State, Verdict
from transformer.errors import Broken
from transformer.ids import DeliveryId
from transformer.operation import JsonObject, Kind
from transformer.trail import Trail, code_of
from transformer.writer.catalogs import Item, Shelf, read_item
from transformer.writer.identity import Identifier
from transformer.writer.lifecycle import apply_lifecycle
from transformer.writer.outbox import Outbox
from transformer.writer.plan import CatalogStep, Plan, ProfileStep
from transformer.writer.provenance import ItemChanges
from transformer.writer.replays import Repeats, as_ranges
from transformer.writer.roster import Roster
from transformer.writer.track import Tally, apply_to_profile


@dataclass(frozen=True, slots=True)
class Settled:
    """How a delivery ended: its state, what was left undone, and what the writer adds to its report."""

    state: State
    operations: int = 0
    unapplied: str | None = None
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    changes: Sequence[JsonObject] = ()


def settle(
    plan: Plan,
    *,
    roster: Roster,
    shelf: Shelf,
    repeats: Repeats,
    now: str,
    outbox: Outbox | None = None,
) -> Settled | None:
    """Apply what a settlement asks for, to the profiles and items of its batch.

    Of operations on profiles, each stands alone: one that cannot be applied, or was refused before it
    came here, is an error in the report and the others are applied. Items that do not fit their catalog fail the whole delivery.

    Returns:
        How the delivery ended; None for a retry that comes too late, which does nothing.
    """
    if repeats.is_void(plan.settlement):
        return None
    settled = _settled(plan, roster=roster, shelf=shelf, repeats=repeats, outbox=outbox, now=now)
    repeats.note(plan.settlement, state=settled.state, unapplied=settled.unapplied)
    return settled


def _settled(
    plan: Plan,
    *,
    roster: Roster,
    shelf: Shelf,
    repeats: Repeats,
    outbox: Outbox | None,
    now: str,
) -> Settled:
    match plan.settlement.verdict:
        case Verdict.OK if outbox is not None and outbox.is_echo(plan.settlement):
            return Settled(State.SKIPPED, warnings=(_came_from_here(),))
        case Verdict.OK:
            return _applied(
                plan, roster=roster, shelf=shelf, repeats=repeats, outbox=outbox, now=now
            )
        case Verdict.SKIPPED:
            return Settled(State.SKIPPED)
        case Verdict.FAILED:
            return Settled(State.FAILED)
        case settlement.CAPTURED:
            return Settled(State.CAPTURED)
        case verdict:
            raise Broken(f"A settlement's verdict is {verdict!r}.")


def _applied(
    plan: Plan,
    *,
    roster: Roster,
    shelf: Shelf,
    repeats: Repeats,
    outbox: Outbox | None,
    now: str,
) -> Settled:
    items = _read_items(plan.on_catalogs, shelf)
    if isinstance(items, Problem):
        return Settled(State.FAILED, errors=(items,))
    before = repeats.applied_before(plan.settlement)
    tally = Tally()
    unapplied = [position for position in plan.refused if not before >> position & 1]
    if plan.blocked:
        tally.passed += len(plan.blocked)
        tally.warnings += plan.blocked.values()
        unapplied += [position for position in plan.blocked if not before >> position & 1]
    unapplied += _apply_steps(
        plan, roster=roster, before=before, tally=tally, outbox=outbox, now=now
    )
    if items:
        unapplied += _apply_items(
            plan, items, shelf=shelf, before=before, tally=tally, outbox=outbox
        )
    asked = len(plan.settlement.operations)
    met = (before & ((1 << asked) - 1)).bit_count()
    if met:
        tally.warnings.append(_applied_before(met, asked))
    if (tally.errors or plan.refused) and not (tally.applied or tally.passed):
        return Settled(State.FAILED, errors=tuple(tally.errors), warnings=tuple(tally.warnings))
    return Settled(
        State.APPLIED,
        tally.applied,
        as_ranges(unapplied) if unapplied else None,
        tuple(tally.errors),
        tuple(tally.warnings),
        _credited(tally, shelf, plan.settlement.delivery_id),
    )


def _apply_steps(
    plan: Plan,
    *,
    roster: Roster,
    before: int,
    tally: Tally,
    outbox: Outbox | None,
    now: str,
) -> list[int]:
    """Apply to profiles what can be applied, and give the positions of the rest."""
    unapplied: list[int] = []
    for step in plan.on_profiles:
        counting = not before >> step.position & 1
        if apply_to_profile(roster, step, tally, now=now, counting=counting):
            if outbox is not None:
                _forward(outbox, plan, step, roster=roster, counting=counting)
        elif counting:
            unapplied.append(step.position)
    for lifecycle_step in plan.on_lifecycle:
        counting = not before >> lifecycle_step.position & 1
        if not apply_lifecycle(roster, lifecycle_step, tally, counting=counting) and counting:
            unapplied.append(lifecycle_step.position)
        elif outbox is not None and counting:
            outbox.note_lifecycle(plan.settlement, lifecycle_step)
    return unapplied


def _apply_items(
    plan: Plan,
    items: list[tuple[CatalogStep, Item]],
    *,
    shelf: Shelf,
    before: int,
    tally: Tally,
    outbox: Outbox | None,
) -> list[int]:
    """Apply to items what can be applied, and give the positions of the rest."""
    unapplied: list[int] = []
    for catalog_step, item in items:
        counting = not before >> catalog_step.position & 1
        applied = tally.applied
        if not _apply_to_item(shelf, catalog_step, item, tally, counting=counting):
            if counting:
                unapplied.append(catalog_step.position)
        elif outbox is not None and tally.applied > applied:
            outbox.note_item(plan.settlement, catalog_step, counting=counting)
    return unapplied


def _forward(
    outbox: Outbox, plan: Plan, step: ProfileStep, *, roster: Roster, counting: bool
) -> None:
    identifier = step.identifier
    if not isinstance(identifier, Identifier):
        raise Broken("An operation that names no profile was applied.")
    # Now, before the next step: it may give the identifier to another profile.
    profile = roster.find(identifier)
    outbox.note_profile(plan.settlement, step, profile, counting=counting)


def _credited(tally: Tally, shelf: Shelf, delivery_id: DeliveryId) -> list[JsonObject]:
    """Credit the delivery with what it changed, and give the records for the log."""
    if not (tally.changes or tally.items):
        return []
    code = code_of(delivery_id)
    records = [
        record for changes in tally.changes.values() if (record := changes.credit(code)) is not None
    ]
    for key, item in tally.items.items():
        trail = shelf.trails.setdefault(key, Trail())
        record = item.credit(code, after=shelf.document(key), trail=trail)
        if record is not None:
            records.append(record)
    return records


def _read_items(steps: list[CatalogStep], shelf: Shelf) -> list[tuple[CatalogStep, Item]] | Problem:
    items = []
    for step in steps:
        item = read_item(
            step.object,
            kind=step.kind,
            catalog_name=step.catalog_name,
            catalogs=shelf.catalogs,
            pointer=step.pointer,
        )
        if isinstance(item, Problem):
            return item
        items.append((step, item))
    return items


def _apply_to_item(
    shelf: Shelf, step: CatalogStep, item: Item, tally: Tally, *, counting: bool
) -> bool:
    problem = None
    if item.key not in tally.items:
        tally.items[item.key] = ItemChanges(item.key, shelf.document(item.key))
    match step.kind:
        case Kind.CATALOG_CREATE if not counting and shelf.holds(item.key):
            tally.passed += 1  # it is there because it was created before
            return True
        case Kind.CATALOG_CREATE:
            problem = shelf.create(item, pointer=step.pointer)
        case Kind.CATALOG_PUT:
            shelf.put(item)
        case Kind.CATALOG_PATCH:
            problem = shelf.patch(item, pointer=step.pointer, counting=counting)
        case Kind.CATALOG_DELETE:
            problem = shelf.delete(item.key, pointer=step.pointer)
        case _:
            raise Broken(f"A {step.kind} operation came to a catalog.")
    if problem is not None:
        tally.errors.append(problem)
        return False
    tally.applied += 1
    return True


def _came_from_here() -> Problem:
    return Problem(
        "came_from_here",
        "It was applied here first, and came back through a forward of this workspace: nothing was "
        "applied again.",
    )


def _applied_before(met: int, asked: int) -> Problem:
    return Problem(
        "applied_before",
        f"{met} of {asked} operations were applied by an earlier delivery of this "
        "event: events, purchases and increments were not counted again.",
    )
