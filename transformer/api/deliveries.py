"""Routes of the delivery log."""

from transformer.api.bodies import OUTCOME, Schema, id_schema, object_schema
from transformer.api.route import ApiCall, ApiRoute, Parameter
from transformer.delivery import State
from transformer.errors import NotFound
from transformer.ids import DeliveryId, TransformationId
from transformer.operation import JsonObject
from transformer.store.deliveries import list_deliveries
from transformer.store.engine import Connection, reading
from transformer.store.outbox import describe_forwardings
from transformer.writer.told import told_on_the_wire

_DEFAULT_LIMIT = 50
_MAX_LIMIT = 200

LIMIT = Parameter(
    "limit",
    f"how many at most, {_DEFAULT_LIMIT} if absent",
    {"type": "integer", "minimum": 1, "maximum": _MAX_LIMIT},
)
NEXT_CURSOR: Schema = {
    "type": ["string", "null"],
    "description": "the `cursor` of the next page; null on the last one",
}
_DELIVERY: Schema = object_schema(
    {"id": id_schema("dlv"), "event_id": id_schema("evt")},
    required=["id", "event_id"],
    closed=False,
)


def limit_of(call: ApiCall) -> int:
    """Read how many entries a page may have."""
    return call.integer(LIMIT.name, default=_DEFAULT_LIMIT, most=_MAX_LIMIT)


def _list(call: ApiCall) -> JsonObject:
    transformation, outcome = call.query.get("transformation"), call.query.get("outcome")
    cursor, limit = call.query.get("cursor"), limit_of(call)
    with reading(call.deps.engine) as connection:
        found = list_deliveries(
            connection,
            workspace_id=call.workspace_id,
            transformation_id=TransformationId(transformation) if transformation else None,
            state=State(outcome) if outcome else None,
            text=call.query.get("q") or None,
            before=DeliveryId(cursor) if cursor else None,
            limit=limit + 1,
        )
    page = found[:limit]
    return {
        "deliveries": [told_on_the_wire(delivery, delivery["output"]) for delivery in page],
        "next_cursor": page[-1]["id"] if len(found) > limit else None,
    }


def _read(call: ApiCall) -> JsonObject:
    delivery_id = DeliveryId(call.id("delivery_id", "dlv"))
    with reading(call.deps.engine) as connection:
        found = read_delivery(call, connection, delivery_id)
        forwards = describe_forwardings(connection, delivery_id=delivery_id)
    return told_on_the_wire(found, found["output"]) | {"forwards": forwards}


def read_delivery(
    call: ApiCall, connection: Connection, delivery_id: DeliveryId, *, pointer: str = ""
) -> JsonObject:
    """Read one entry of the log.

    Raises:
        NotFound: the log has no such entry; ``pointer`` is where the body names it.
    """
    # The ids have one length, so nothing stands between an id and the same with one more digit.
    behind = DeliveryId(delivery_id + "0")
    found = list_deliveries(connection, workspace_id=call.workspace_id, before=behind, limit=1)
    if found and found[0]["id"] == delivery_id:
        return found[0]
    raise NotFound(
        f"There is no delivery {delivery_id} in this workspace.",
        hint="A delivery shows up once it is applied, and is kept for "
        "TRANSFORMER_LOG_RETENTION_DAYS. GET /api/deliveries lists them.",
        pointer=pointer,
    )


ROUTES = (
    ApiRoute(
        "GET",
        "/api/deliveries",
        "List what became of webhooks, newest first.",
        _list,
        object_schema(
            {"deliveries": {"type": "array", "items": _DELIVERY}, "next_cursor": NEXT_CURSOR},
            required=["deliveries", "next_cursor"],
        ),
        query=(
            Parameter("transformation", "only those of this transformation", prefix="trf"),
            Parameter("outcome", "only those that ended so", OUTCOME),
            Parameter("q", "only those that contain this text"),
            Parameter("cursor", "`next_cursor` of the page before", prefix="dlv"),
            LIMIT,
        ),
    ),
    ApiRoute("GET", "/api/deliveries/{delivery_id}", "Read one delivery, whole.", _read, _DELIVERY),
)
