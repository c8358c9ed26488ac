"""Routes of replays and retries: stored events go through a transformation again.

A replay makes new deliveries, a retry is another attempt of the same ones. Either is a record that is
worked off in the background (``ingest/pump.py``); its first pages are appended within the request, so
that a short one has nothing left to wait for.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from transformer.api.bodies import REPLAY, RETRY, Schema, id_schema, object_schema
from transformer.api.deliveries import LIMIT, NEXT_CURSOR, limit_of, read_delivery
from transformer.api.plans import PLAN, make_plan
from transformer.api.route import ApiCall, ApiRoute, Parameter
from transformer.clock import to_text
from transformer.delivery import State
from transformer.errors import Conflict, InvalidRequest, NotFound, Unavailable
from transformer.event import payload_text
from transformer.ids import DeliveryId, ReplayId, RevisionId, TransformationId, new_replay_id
from transformer.ingest.pump import AtEnd, Moved, Refused, ReplayPump
from transformer.ingest.ways import EVENT_GONE, Ways
from transformer.operation import JsonObject
from transformer.replay import (
    Busy,
    Elsewhere,
    Progress,
    Replay,
    ReplayItem,
    ReplayKind,
    ReplayState,
    Selection,
    request_of,
    selection_of,
)
from transformer.revision import Revision
from transformer.stops import Stops
from transformer.store.engine import Connection, reading, writing
from transformer.store.replays import (
    Match,
    count_matches,
    create_replay,
    end_replay,
    known_deliveries,
    list_replays,
    newest_delivery,
    read_events,
    read_replay,
)
from transformer.store.transformations import read_revision

# What is appended before the answer; the rest is left to the scheduler.
WITHIN_REQUEST = 1_000


def _replay(call: ApiCall) -> JsonObject:
    return _ask(call, ReplayKind.REPLAY)


def _retry(call: ApiCall) -> JsonObject:
    return _ask(call, ReplayKind.RETRY)


def _ask(call: ApiCall, kind: ReplayKind) -> JsonObject:
    selection = _selection(call, kind)
    with reading(call.deps.engine) as connection:
        revision = _revision(call, connection)
        _know_all(connection, selection)
    if call.body.get("plan"):
        return {"plan": make_plan(call, selection, revision)}
    replay = _create(call, selection, revision)
    pump = ReplayPump(call.deps.engine, call.deps.replayer, call.deps.clock, Stops())
    items, refused = _begin(call, pump, replay)
    now = _known(call, replay.id)
    what = "replayed" if kind is ReplayKind.REPLAY else "retried"
    return {
        **_described(now),
        what: len(items),
        "deliveries": [_told(item) for item in items],
        f"not_{what}": [{"id": one.delivery_id, "reason": one.reason} for one in refused],
    }


def _selection(call: ApiCall, kind: ReplayKind) -> Selection:
    ids: list[str] = call.body.get("delivery_ids", [])
    criteria: JsonObject | None = call.body.get("filter")
    if bool(ids) == (criteria is not None):
        raise InvalidRequest(
            f"Either `delivery_ids` or `filter` says what to {kind}; one of them is needed.",
            hint='For example {"filter": {"outcome": "failed"}}.',
        )
    selection = selection_of(
        {"delivery_ids": ids, "filter": criteria}, workspace_id=call.workspace_id, kind=kind
    )
    wanted = selection.filter
    return replace(
        selection,
        filter=replace(
            wanted,
            accepted_from=_moment(wanted.accepted_from, "accepted_from"),
            accepted_until=_moment(wanted.accepted_until, "accepted_until"),
        ),
    )


def _moment(text: str, name: str) -> str:
    """Read a time of the filter as the store keeps times."""
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequest(
            f"`filter.{name}` is {text[:40]!r}; an ISO 8601 time was expected.",
            hint='For example "2026-03-01T12:00:00Z".',
            pointer=f"/filter/{name}",
        ) from error
    return to_text(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _revision(call: ApiCall, connection: Connection) -> Revision | None:
    named = call.body.get("revision")
    if named is None:
        return None
    revision = read_revision(connection, revision_id=RevisionId(named))
    if revision is None or revision.workspace_id != call.workspace_id:
        raise NotFound(
            f"There is no revision {named} in this workspace.",
            hint="GET /api/transformations/{id}/revisions lists them.",
            pointer="/revision",
        )
    return revision


def _know_all(connection: Connection, selection: Selection) -> None:
    known = known_deliveries(
        connection, workspace_id=selection.workspace_id, wanted=selection.delivery_ids
    )
    for at, named in enumerate(selection.delivery_ids):
        if named not in known:
            raise NotFound(
                f"There is no delivery {named} in this workspace.",
                hint="GET /api/deliveries lists those that are kept.",
                pointer=f"/delivery_ids/{at}",
            )


def _create(call: ApiCall, selection: Selection, revision: Revision | None) -> Replay:
    now = call.deps.clock.now()
    with reading(call.deps.engine) as connection:
        until = newest_delivery(connection, workspace_id=selection.workspace_id)
        found = count_matches(connection, selection, until=until)
    replay = Replay(
        id=new_replay_id(),
        selection=selection,
        revision_id=revision.id if revision else None,
        state=ReplayState.RUNNING,
        until=until,
        found=found,
        progress=Progress(),
        settled={},
        error="",
        created_at=now,
        updated_at=now,
    )
    with writing(call.deps.engine) as connection:
        create_replay(connection, replay)
    return replay


def _begin(
    call: ApiCall, pump: ReplayPump, replay: Replay
) -> tuple[list[ReplayItem], list[Refused]]:
    """Append the first pages, and leave the rest to the scheduler."""
    items: list[ReplayItem] = []
    refused: list[Refused] = []
    progress = replay.progress
    at_end = False
    try:
        while not at_end and len(items) < WITHIN_REQUEST:
            match pump.step(replay, progress):
                case Moved() as moved:
                    progress = moved.progress
                    items += [
                        replace(item, event=replace(item.event, body=b""), payload=b"")
                        for item in moved.items
                    ]
                    refused += moved.refused
                case AtEnd():
                    at_end = True
                case Busy() | Elsewhere():
                    break
    except Unavailable as error:
        if not items:
            _give_up(call, replay, error)
            raise
        # What is appended is appended: the scheduler goes on from there.
    pump.save(replay, progress, at_end=at_end)
    return items, refused


def _give_up(call: ApiCall, replay: Replay, error: Unavailable) -> None:
    with writing(call.deps.engine) as connection:
        end_replay(
            connection,
            replay_id=replay.id,
            state=ReplayState.FAILED,
            error=error.message,
            now=call.deps.clock.now(),
        )


def _retry_one(call: ApiCall) -> JsonObject:
    delivery_id = DeliveryId(call.id("delivery_id", "dlv"))
    with reading(call.deps.engine) as connection:
        held = read_delivery(call, connection, delivery_id)
        selection = Selection(call.workspace_id, ReplayKind.RETRY, (delivery_id,))
        ways = Ways(selection, connection, None)
        match = Match(
            id=delivery_id,
            event_id=held["event_id"],
            transformation_id=TransformationId(held["transformation_id"] or "") or None,
            revision_id=held["revision_id"],
            state=State(held["outcome"]),
            attempt=held["attempt"],
            size=None,
        )
        event = read_events(
            connection, workspace_id=call.workspace_id, event_ids=[match.event_id]
        ).get(match.event_id)
    reason = ways.obstacle(match) or ("" if event else EVENT_GONE)
    if reason or event is None:
        raise Conflict(
            f"{delivery_id} cannot be tried again. {reason}",
            hint="POST /api/replays makes a new delivery of its event.",
        )
    item = ways.item(match, event, payload=payload_text(event.body, event.content_type))
    call.deps.replayer.replay([item])
    return _told(item)


def _told(item: ReplayItem) -> JsonObject:
    told: JsonObject = {
        "event_id": item.event.id,
        "transformation_id": item.transformation_id,
        "revision_id": item.revision_id,
    }
    if item.retry_of is None:
        return {"replay_of": item.replay_of, **told}
    return {"id": item.retry_of, **told, "attempt": item.attempt}


def _read(call: ApiCall) -> JsonObject:
    return _described(_known(call, ReplayId(call.id("replay_id", "rpl"))))


def _list(call: ApiCall) -> JsonObject:
    cursor, limit = call.query.get("cursor"), limit_of(call)
    with reading(call.deps.engine) as connection:
        found = list_replays(
            connection,
            workspace_id=call.workspace_id,
            before=ReplayId(cursor) if cursor else None,
            limit=limit + 1,
        )
    page = found[:limit]
    return {
        "replays": [_described(replay) for replay in page],
        "next_cursor": page[-1].id if len(found) > limit else None,
    }


def _cancel(call: ApiCall) -> JsonObject:
    replay_id = ReplayId(call.id("replay_id", "rpl"))
    replay = _known(call, replay_id)
    with writing(call.deps.engine) as connection:
        ended = end_replay(
            connection,
            replay_id=replay_id,
            state=ReplayState.CANCELLED,
            now=call.deps.clock.now(),
        )
    if not ended and replay.state is not ReplayState.CANCELLED:
        raise Conflict(
            f"{replay_id} has ended already: it is {_known(call, replay_id).state.value}.",
            hint="What it appended is settled; nothing is left to cancel.",
        )
    return _described(_known(call, replay_id))


def _known(call: ApiCall, replay_id: ReplayId) -> Replay:
    with reading(call.deps.engine) as connection:
        replay = read_replay(connection, workspace_id=call.workspace_id, replay_id=replay_id)
    if replay is None:
        raise NotFound(
            f"There is no replay {replay_id} in this workspace.",
            hint="GET /api/replays lists them.",
        )
    return replay


def _described(replay: Replay) -> JsonObject:
    progress = replay.progress
    settled = sum(replay.settled.values())
    running = replay.state is ReplayState.RUNNING
    left = replay.found - progress.refused - progress.repeated if running else progress.appended
    remaining = max(left - settled, 0)
    seconds = (replay.updated_at - replay.created_at).total_seconds()
    rate = settled / seconds if settled and seconds > 0 else None
    return {
        "id": replay.id,
        "kind": replay.kind.value,
        "state": replay.state.value,
        "request": request_of(replay.selection),
        "revision_id": replay.revision_id,
        "found": replay.found,
        "appended": progress.appended,
        "refused": progress.refused,
        "repeated": progress.repeated,
        "settled": replay.settled,
        "remaining": remaining,
        "rate_per_s": round(rate, 1) if rate else None,
        "eta_s": round(remaining / rate, 1) if rate else None,
        "error": replay.error,
        "created_at": to_text(replay.created_at),
        "updated_at": to_text(replay.updated_at),
    }


_COUNT: Schema = {"type": "integer"}
_RECORD: dict[str, Schema] = {
    "id": id_schema("rpl"),
    "kind": {"enum": [kind.value for kind in ReplayKind]},
    "state": {"enum": [state.value for state in ReplayState]},
    "request": {"type": "object"},
    "revision_id": {"type": ["string", "null"]},
    "found": _COUNT | {"description": "deliveries meant when it began"},
    "appended": _COUNT | {"description": "of these, on their way or settled"},
    "refused": _COUNT | {"description": "of these, those that cannot go through again"},
    "repeated": _COUNT | {"description": "of these, those whose event goes already"},
    "settled": {"type": "object", "additionalProperties": _COUNT},
    "remaining": _COUNT,
    "rate_per_s": {"type": ["number", "null"]},
    "eta_s": {"type": ["number", "null"]},
    "error": {"type": "string"},
    "created_at": {"type": "string"},
    "updated_at": {"type": "string"},
}
_REPLAY: Schema = object_schema(_RECORD, required=_RECORD)
_REFUSED: Schema = {
    "type": "array",
    "items": object_schema({"id": id_schema("dlv"), "reason": {"type": "string"}}),
}
_TOLD: dict[str, Schema] = {
    "event_id": id_schema("evt"),
    "transformation_id": id_schema("trf"),
    "revision_id": {"type": ["string", "null"]},
}
_RETRIED: Schema = object_schema(_TOLD | {"id": id_schema("dlv"), "attempt": _COUNT})
_REPLAYED: Schema = object_schema(_TOLD | {"replay_of": id_schema("dlv")})


def _answer(what: str, delivery: Schema) -> Schema:
    """Give the schema of what asking for a replay or a retry is answered."""
    told: dict[str, Schema] = {
        what: _COUNT | {"description": "how many were appended within the request"},
        "deliveries": {"type": "array", "items": delivery},
        f"not_{what}": _REFUSED,
    }
    return {
        "type": "object",
        "anyOf": [
            object_schema({"plan": PLAN}, required=["plan"]),
            object_schema(_RECORD | told, required=_RECORD | told),
        ],
    }


ROUTES: Sequence[ApiRoute] = (
    ApiRoute(
        "POST",
        "/api/replays",
        "Send stored events through their transformations again, as new deliveries.",
        _replay,
        _answer("replayed", _REPLAYED),
        body=REPLAY,
    ),
    ApiRoute(
        "POST",
        "/api/retries",
        "Try failed deliveries again, on the revisions that they failed on.",
        _retry,
        _answer("retried", _RETRIED),
        body=RETRY,
    ),
    ApiRoute(
        "POST",
        "/api/deliveries/{delivery_id}/retry",
        "Try one failed delivery again, on the revision that it failed on.",
        _retry_one,
        _RETRIED,
    ),
    ApiRoute(
        "GET",
        "/api/replays",
        "List replays and retries, newest first.",
        _list,
        object_schema(
            {"replays": {"type": "array", "items": _REPLAY}, "next_cursor": NEXT_CURSOR},
            required=["replays", "next_cursor"],
        ),
        query=(Parameter("cursor", "`next_cursor` of the page before", prefix="rpl"), LIMIT),
    ),
    ApiRoute("GET", "/api/replays/{replay_id}", "Say how far a replay has come.", _read, _REPLAY),
    ApiRoute(
        "POST",
        "/api/replays/{replay_id}/cancel",
        "Append no more of a replay; what is appended is applied.",
        _cancel,
        _REPLAY,
    ),
)
