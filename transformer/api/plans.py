"""What a replay or a retry would do, told before anything is done."""

from collections import Counter
from dataclasses import replace
from typing import NamedTuple

from transformer.api.bodies import Schema, id_schema, object_schema
from transformer.api.dry_runs import CHANGES_OF_MANY, SETTLED, try_out
from transformer.api.route import ApiCall
from transformer.clock import to_text
from transformer.delivery import Outcome
from transformer.event import Event, payload_text
from transformer.ids import DeliveryId, EventId, RevisionId
from transformer.ingest.ways import EVENT_GONE, NO_REVISION, Ways
from transformer.operation import JsonObject, operation_key
from transformer.replay import ReplayKind, Selection
from transformer.revision import Revision
from transformer.settlement import Settlement
from transformer.store.engine import Connection, reading
from transformer.store.replays import (
    Group,
    Match,
    busiest_second,
    newest_delivery,
    read_events,
    read_matches,
    sum_up,
)
from transformer.writer.dry_run import as_delivered, settled_json
from transformer.writer.settle import Settled

SAMPLES = 5
_LOOKED_AT = 50
# What the pipeline does on a small machine; taken until the log has seen more in one second.
_ASSUMED_PER_S = 1_000

PLAN: Schema = object_schema(
    {
        "found": {"type": "integer", "description": "deliveries that are meant"},
        "to_do": {"type": "integer", "description": "those that can go through again"},
        "counts": {
            "type": "array",
            "items": object_schema(
                {
                    "transformation_id": {"type": ["string", "null"]},
                    "outcome": {"type": "string"},
                    "count": {"type": "integer"},
                }
            ),
        },
        "obstacles": {
            "type": "array",
            "items": object_schema({"reason": {"type": "string"}, "count": {"type": "integer"}}),
        },
        "repeated": {
            "type": "integer",
            "description": "those of an event that has another delivery here: it goes once",
        },
        "estimated_s": {"type": "number"},
        "accepted_from": {"type": ["string", "null"], "description": "of the first event"},
        "accepted_to": {"type": ["string", "null"], "description": "of the last event"},
        "sample": {
            "type": "array",
            "description": "what some of them would come to; nothing was written",
            "items": object_schema(
                {
                    "delivery_id": id_schema("dlv"),
                    "event_id": id_schema("evt"),
                    "settled": SETTLED,
                },
                required=["delivery_id", "event_id", "settled"],
                closed=False,
            ),
        },
        "changes": CHANGES_OF_MANY
        | {
            "description": "what those of the sample would change in the store, one after the other"
        },
    },
    required=[
        "found",
        "to_do",
        "counts",
        "obstacles",
        "repeated",
        "estimated_s",
        "sample",
        "changes",
    ],
)


class _Trial(NamedTuple):
    """A delivery of the sample: its event, and the revision that it would go through."""

    match: Match
    event: Event
    revision: Revision


def make_plan(call: ApiCall, selection: Selection, revision: Revision | None) -> JsonObject:
    """Count what would be done, and run a few deliveries without writing anything."""
    with reading(call.deps.engine) as connection:
        until = newest_delivery(connection, workspace_id=selection.workspace_id)
        ways = Ways(selection, connection, revision)
        groups = sum_up(connection, selection, until=until)
        per_s = max(busiest_second(connection, workspace_id=selection.workspace_id), _ASSUMED_PER_S)
        trials = _trials(connection, selection, ways, until=until)
    outcomes = [_run(call, ways, trial) for trial in trials]
    tried = try_out(
        call,
        [
            _settlement(call, selection.kind, trial, outcome)
            for trial, outcome in zip(trials, outcomes, strict=True)
        ],
    )
    found = sum(group.count for group in groups)
    obstacles = Counter[str]()
    for group in groups:
        obstacles.update(_obstacles(group, ways, selection.kind))
    is_replay = selection.kind is ReplayKind.REPLAY
    repeated = sum(group.count - group.events for group in groups) if is_replay else 0
    to_do = max(found - obstacles.total() - repeated, 0)
    in_sandbox_s = sum(group.duration_us for group in groups) / 1e6 * to_do / max(found, 1)
    return {
        "found": found,
        "to_do": to_do,
        "counts": [
            {
                "transformation_id": group.transformation_id,
                "outcome": group.state.value,
                "count": group.count,
            }
            for group in groups
        ],
        "obstacles": [
            {"reason": reason, "count": count} for reason, count in obstacles.most_common()
        ],
        "repeated": repeated,
        "estimated_s": round(max(to_do / per_s, in_sandbox_s), 2),
        "accepted_from": min((group.first for group in groups), default=None),
        "accepted_to": max((group.last for group in groups), default=None),
        "sample": list(map(_told, trials, outcomes, tried.settled)),
        "changes": tried.as_json(),
    }


def _obstacles(group: Group, ways: Ways, kind: ReplayKind) -> dict[str, int]:
    """Say what keeps how many of a group."""
    one = Match(
        id=DeliveryId(""),
        event_id=EventId(""),
        transformation_id=group.transformation_id,
        revision_id=RevisionId("of the delivery"),
        state=group.state,
        attempt=1,
        size=0,
    )
    reason = ways.obstacle(one)
    if reason:
        return {reason: group.count}
    without = group.without_revision if kind is ReplayKind.RETRY else 0
    told = {EVENT_GONE: group.gone, NO_REVISION: without}
    return {reason: count for reason, count in told.items() if count}


def _trials(
    connection: Connection, selection: Selection, ways: Ways, *, until: str
) -> list[_Trial]:
    matches = read_matches(connection, selection, after="", until=until, limit=_LOOKED_AT)
    able = [match for match in matches if match.size is not None and not ways.obstacle(match)]
    chosen = able[:SAMPLES]
    stored = read_events(
        connection,
        workspace_id=selection.workspace_id,
        event_ids=[match.event_id for match in chosen],
    )
    return [
        _Trial(match, stored[match.event_id], revision)
        for match in chosen
        if match.event_id in stored
        and (revision := ways.revision_for(connection, match)) is not None
    ]


def _run(call: ApiCall, ways: Ways, trial: _Trial) -> Outcome:
    event, revision = trial.event, trial.revision
    return call.deps.preview.run(
        workspace_id=call.workspace_id,
        code=revision.code,
        destination=revision.destination,
        payload=payload_text(event.body, event.content_type),
        headers=dict(event.headers),
        context={
            "event_id": event.id,
            "accepted_at": to_text(event.accepted_at),
            "source": {"id": event.source_id, "name": ways.source_name(event.source_id)},
            "transformation": {
                "id": revision.transformation_id,
                "name": ways.name_of(revision.transformation_id),
                "revision": revision.number,
            },
        },
    )


def _settlement(call: ApiCall, kind: ReplayKind, trial: _Trial, outcome: Outcome) -> Settlement:
    """Give what the writer would get: what it counted for this event before, it counts no more."""
    match = trial.match
    settlement = as_delivered(
        outcome,
        workspace_id=call.workspace_id,
        event_id=trial.event.id,
        accepted_at=to_text(trial.event.accepted_at),
        transformation_id=trial.revision.transformation_id,
    )
    if kind is ReplayKind.REPLAY:
        return replace(settlement, replay_of=match.id)
    return replace(settlement, delivery_id=match.id, attempt=match.attempt + 1, is_retry=True)


def _told(trial: _Trial, outcome: Outcome, settled: Settled | None) -> JsonObject:
    event_id, transformation_id = trial.event.id, trial.revision.transformation_id
    operations = [
        {**one.as_json(), "key": operation_key(event_id, transformation_id, one.position)}
        for one in outcome.accepted()
    ]
    return {
        "delivery_id": trial.match.id,
        "event_id": event_id,
        "outcome_before": trial.match.state.value,
        "revision_id": trial.revision.id,
        **outcome.as_json(),
        "operations": operations,
        "settled": settled_json(settled),
    }
