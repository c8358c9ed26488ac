"""The route of replays: stored events go through a transformation again, as new deliveries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transformer.api.bodies import REPLAY, id_schema, object_schema
from transformer.api.deliveries import read_delivery
from transformer.api.route import ApiCall, ApiRoute
from transformer.delivery import State
from transformer.errors import InvalidRequest, NotFound
from transformer.ids import DeliveryId, EventId, RevisionId, SourceId, TransformationId
from transformer.operation import JsonObject
from transformer.replay import ReplayItem
from transformer.revision import Revision
from transformer.store.deliveries import list_deliveries, read_event
from transformer.store.engine import Connection, reading
from transformer.store.sources import list_sources
from transformer.store.transformations import list_transformations, read_revision

_PAGE = 500
# What is appended at once: the bodies of so many events are held in memory together.
_CHUNK_EVENTS = 256
_CHUNK_BYTES = 4 * 1_048_576


@dataclass(frozen=True, slots=True)
class _Wish:
    """A delivery that is to be repeated."""

    delivery_id: DeliveryId
    event_id: EventId
    transformation_id: TransformationId | None


@dataclass(frozen=True, slots=True)
class _Refused:
    """A delivery that cannot be repeated."""

    delivery_id: DeliveryId
    reason: str


def _replay(call: ApiCall) -> JsonObject:
    ids: list[str] = call.body.get("delivery_ids", [])
    criteria: JsonObject | None = call.body.get("filter")
    if bool(ids) == (criteria is not None):
        raise InvalidRequest(
            "Either `delivery_ids` or `filter` says what to replay; one of them is needed.",
            hint='For example {"filter": {"outcome": "failed"}}.',
        )
    with reading(call.deps.engine) as connection:
        revision = _revision(call, connection)
        wishes = (
            _by_ids(call, connection, ids)
            if criteria is None
            else _by_filter(call, connection, criteria)
        )
    replayed: list[JsonObject] = []
    refused: list[JsonObject] = []
    for items, refusals in _chunks(call, _once_each(wishes), revision):
        if items:
            call.deps.replayer.replay(items)
        replayed += [_described(item) for item in items]
        refused += [{"id": one.delivery_id, "reason": one.reason} for one in refusals]
    return {"replayed": len(replayed), "deliveries": replayed, "not_replayed": refused}


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


def _by_ids(call: ApiCall, connection: Connection, ids: list[str]) -> list[_Wish]:
    return [
        _wish(read_delivery(call, connection, DeliveryId(one), pointer=f"/delivery_ids/{at}"))
        for at, one in enumerate(ids)
    ]


def _by_filter(call: ApiCall, connection: Connection, criteria: JsonObject) -> list[_Wish]:
    """Find what the filter matches now, newest first; what comes later is not in it."""
    transformation, outcome = criteria.get("transformation"), criteria.get("outcome")
    wishes: list[_Wish] = []
    before: DeliveryId | None = None
    while True:
        page = list_deliveries(
            connection,
            workspace_id=call.workspace_id,
            transformation_id=TransformationId(transformation) if transformation else None,
            state=State(outcome) if outcome else None,
            before=before,
            limit=_PAGE,
        )
        wishes += [_wish(found) for found in page]
        if len(page) < _PAGE:
            return wishes
        before = wishes[-1].delivery_id


def _wish(found: JsonObject) -> _Wish:
    return _Wish(found["id"], found["event_id"], found["transformation_id"])


def _once_each(wishes: Sequence[_Wish]) -> list[_Wish]:
    """Take each event once for each transformation, though it may have failed in a replay too.

    In the order in which the events were accepted, as they went the first time (I7).
    """
    newest: dict[tuple[EventId, TransformationId | None], _Wish] = {}
    for wish in wishes:
        held = newest.get((wish.event_id, wish.transformation_id))
        if held is None or held.delivery_id < wish.delivery_id:
            newest[wish.event_id, wish.transformation_id] = wish
    return sorted(newest.values(), key=lambda wish: wish.event_id)


def _chunks(
    call: ApiCall, wishes: Sequence[_Wish], revision: Revision | None
) -> Iterator[tuple[list[ReplayItem], list[_Refused]]]:
    with reading(call.deps.engine) as connection:
        ways = _Ways(call, connection, revision)
    at = 0
    while at < len(wishes):
        items: list[ReplayItem] = []
        refused: list[_Refused] = []
        size = 0
        with reading(call.deps.engine) as connection:
            while at < len(wishes) and len(items) < _CHUNK_EVENTS and size < _CHUNK_BYTES:
                made = ways.item(connection, wishes[at])
                at += 1
                if isinstance(made, _Refused):
                    refused.append(made)
                else:
                    items.append(made)
                    size += len(made.event.body)
        yield items, refused


class _Ways:
    """Which transformation each event goes through, and why some cannot."""

    def __init__(self, call: ApiCall, connection: Connection, revision: Revision | None) -> None:
        workspace_id = call.workspace_id
        self._workspace_id = workspace_id
        self._revision = revision
        self._source_names: dict[SourceId, str] = {
            source.id: source.name for source in list_sources(connection, workspace_id=workspace_id)
        }
        self._transformations = {
            transformation.id: transformation
            for transformation in list_transformations(connection, workspace_id=workspace_id)
        }

    def item(self, connection: Connection, wish: _Wish) -> ReplayItem | _Refused:
        """Make ready one event, or say why it cannot be replayed."""
        transformation_id = wish.transformation_id
        if self._revision is not None and transformation_id is None:
            transformation_id = self._revision.transformation_id
        reason = self._obstacle(transformation_id)
        if reason or transformation_id is None:
            return _Refused(wish.delivery_id, reason)
        event = read_event(connection, workspace_id=self._workspace_id, event_id=wish.event_id)
        if event is None:
            return _Refused(wish.delivery_id, "Its event is no longer kept.")
        return ReplayItem(
            event=event,
            source_name=self._source_names.get(event.source_id, ""),
            transformation_id=transformation_id,
            revision_id=self._revision.id if self._revision else None,
            replay_of=wish.delivery_id,
        )

    def _obstacle(self, transformation_id: TransformationId | None) -> str:
        if transformation_id is None:
            return "Its source had no transformation; name a revision to run."
        transformation = self._transformations.get(transformation_id)
        if transformation is None:
            return "Its transformation was deleted."
        if self._revision is None:
            published = transformation.published_revision_id is not None
            return "" if published else f"{transformation.name!r} is not published."
        if self._revision.transformation_id != transformation_id:
            return f"The revision is not one of {transformation.name!r}."
        return ""


def _described(item: ReplayItem) -> JsonObject:
    return {
        "replay_of": item.replay_of,
        "event_id": item.event.id,
        "transformation_id": item.transformation_id,
        "revision_id": item.revision_id,
    }


ROUTES = (
    ApiRoute(
        "POST",
        "/api/replays",
        "Send stored events through their transformations again, as new deliveries.",
        _replay,
        object_schema(
            {
                "replayed": {"type": "integer"},
                "deliveries": {
                    "type": "array",
                    "items": object_schema(
                        {
                            "replay_of": id_schema("dlv"),
                            "event_id": id_schema("evt"),
                            "transformation_id": id_schema("trf"),
                            "revision_id": {"type": ["string", "null"]},
                        }
                    ),
                },
                "not_replayed": {
                    "type": "array",
                    "items": object_schema({"id": id_schema("dlv"), "reason": {"type": "string"}}),
                },
            },
            required=["replayed", "deliveries", "not_replayed"],
        ),
        body=REPLAY,
    ),
)
