"""Applies a batch of settlements to the store: profiles, catalog items, events, delivery log.

What a batch needs is read with a few statements, changed in memory in the order of the stream, and
written with a few statements. The caller owns the transaction and moves the position in it, which
is what makes each settlement apply exactly once (I6, tests/crash/test_stopped_at_a_point.py).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection

from transformer.clock import to_text
from transformer.delivery import State
from transformer.ids import CatalogId, DeliveryId, ReplayId, WorkspaceId
from transformer.queue.replies import Reply
from transformer.rules import Rules
from transformer.settlement import Settlement
from transformer.store import catalogs, deliveries, identities, items, profiles, replays
from transformer.store.bulk import Parameters
from transformer.store.documents import encoded
from transformer.store.outbox import Target
from transformer.store.retention import count_written
from transformer.writer.catalogs import Shelf
from transformer.writer.gather import read_repeats, read_roster, read_shelf
from transformer.writer.identity import BLOCKED_EXTERNAL_IDS
from transformer.writer.log import delivery_row, event_row
from transformer.writer.outbox import Outbox
from transformer.writer.plan import plan_of
from transformer.writer.reply import reply_of
from transformer.writer.roster import Roster
from transformer.writer.settle import Settled, settle


@dataclass(frozen=True, slots=True)
class Applied:
    """What a batch came to: operations that changed something, states, failures by error code.

    A retry that came too late is in none of the states: it did nothing. ``replies`` are for those who
    wait to hear of a settlement, once the effects are in the store.
    """

    settlements: int
    operations: int
    by_state: dict[State, int]
    failures: dict[str, int]
    replies: tuple[Reply, ...] = ()


def apply_batch(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    settlements: Sequence[Settlement],
    now: datetime,
    blocked: frozenset[str] = BLOCKED_EXTERNAL_IDS,
    forwards: Sequence[Target] = (),
    rules: Rules | None = None,
) -> Applied:
    """Write profiles, catalog items, events and the delivery log of these settlements, in order.

    The caller owns the transaction and the position. No profile gets an external id that is blocked.
    What was applied is also put into the outbox of these ``forwards``. The ``rules`` are what the
    workspace forces and blocks.
    """
    at = to_text(now)
    plans = [plan_of(settlement, blocked=blocked, rules=rules) for settlement in settlements]
    roster = read_roster(connection, workspace_id, plans, now=at, kind=Roster)
    shelf = read_shelf(connection, workspace_id, plans, hold=True)
    repeats = read_repeats(connection, workspace_id, settlements)
    outbox = Outbox(forwards, now=at) if forwards else None
    events: dict[str, Parameters] = {}
    log: list[Parameters] = []
    retried: dict[DeliveryId, Parameters] = {}
    states: Counter[State] = Counter()
    failures: Counter[str] = Counter()
    replayed: Counter[tuple[ReplayId, str]] = Counter()
    replies: list[Reply] = []
    operations = 0
    for plan in plans:
        settled = settle(plan, roster=roster, shelf=shelf, repeats=repeats, outbox=outbox, now=at)
        if plan.settlement.replay_id is not None:
            came_to = settled.state.value if settled else replays.TOO_LATE
            replayed[plan.settlement.replay_id, came_to] += 1
        if settled is None:
            continue
        states[settled.state] += 1
        if settled.state is State.FAILED:
            failures[_code_of(plan.settlement, settled)] += 1
        operations += settled.operations
        if plan.settlement.reply_to is not None:
            replies.append(reply_of(plan.settlement, settled))
        event_id = plan.settlement.event_id
        if event_id not in events:
            events[event_id] = event_row(plan.settlement)
        row = delivery_row(plan.settlement, settled, now=at)
        if plan.settlement.is_retry:
            retried[plan.settlement.delivery_id] = row
        else:
            log.append(row)
    _write_roster(connection, workspace_id, roster)
    _write_shelf(connection, shelf, now=at)
    deliveries.insert_events(connection, list(events.values()))
    deliveries.insert_deliveries(connection, log)
    deliveries.update_deliveries(connection, list(retried.values()))
    replays.count_settled(connection, replayed, now=at)
    if outbox is not None:
        outbox.write(connection)
    # At the end, so that the row is locked for as short as can be; a row of the log ends in its bytes.
    count_written(connection, workspace_id=workspace_id, sizes=[row[-1] for row in log])
    return Applied(len(settlements), operations, states, failures, tuple(replies))


def _code_of(settlement: Settlement, settled: Settled) -> str:
    told = settlement.report.get("errors")
    return str(told[0]["code"]) if told else settled.errors[0].code if settled.errors else ""


def _write_roster(connection: Connection, workspace_id: WorkspaceId, roster: Roster) -> None:
    _free_names(connection, workspace_id, roster)
    new, moved, changed = [], [], []
    for profile in roster.changed.values():
        if not profile.stored:
            new.append(profile.as_new_row(workspace_id))
        elif profile.readdressed:
            moved.append(profile.as_changed_row())
        else:
            changed.append(profile.as_document_row())
    identities.SET_EXTERNAL_ID.run(
        connection, [(profile.external_id, profile.id) for profile in roster.renamed.values()]
    )
    profiles.INSERT_PROFILE.run(connection, new)
    profiles.UPDATE_PROFILE.run(connection, moved)
    profiles.UPDATE_DOCUMENT.run(connection, changed)
    profiles.INSERT_ALIAS.run(
        connection,
        [
            (workspace_id, label, name, profile_id)
            for (label, name), profile_id in roster.aliases.new.items()
        ],
    )
    identities.INSERT_DEPRECATED.run(
        connection,
        [(workspace_id, *named) for named in roster.deprecated.new.items()],
    )


def _free_names(connection: Connection, workspace_id: WorkspaceId, roster: Roster) -> None:
    """Let go of what the batch took from profiles, so that others can have it.

    An external id may go from one profile to another, and theirs to a third: no order of the rows
    would do, and PostgreSQL takes them in one of its own.
    """
    identities.DELETE_PROFILE.run(connection, [(profile_id,) for profile_id in roster.removed])
    identities.DELETE_ALIAS.run(
        connection, [(workspace_id, label, name) for label, name in roster.aliases.lost]
    )
    identities.DELETE_DEPRECATED.run(
        connection, [(workspace_id, external_id) for external_id in roster.deprecated.lost]
    )
    identities.SET_EXTERNAL_ID.run(
        connection, [(None, profile_id) for profile_id in roster.renamed]
    )


def _write_shelf(connection: Connection, shelf: Shelf, *, now: str) -> None:
    saved: list[Parameters] = []
    gone: list[Parameters] = []
    more: Counter[CatalogId] = Counter()
    for key, document in shelf.changed.items():
        catalog, item_id = shelf.catalogs[key[0]], key[1]
        if document is None:
            gone.append((catalog.id, item_id))
        else:
            trail = encoded(asdict(shelf.trails[key]))
            saved.append((catalog.id, item_id, encoded(document), catalog.edition, now, trail))
        more[catalog.id] += (document is not None) - (key in shelf.stored)
    items.SAVE_ITEM.run(connection, saved)
    items.DELETE_ITEM.run(connection, gone)
    catalogs.count_items(connection, more=more, at=now)
