"""Routes of blocked names: custom attributes, events, products and properties that are not taken in.

A name may hold any character, so it stands in the body or in the query, and not in the path.
"""

from transformer.api.attribute_types import NAME, check_attribute, named_in_query
from transformer.api.bodies import BLOCK_NAME, object_schema
from transformer.api.route import ApiCall, ApiRoute, Parameter
from transformer.errors import InvalidRequest
from transformer.operation import JsonObject
from transformer.rules import PROPERTIES, BlockedKind, BlockedName
from transformer.store.engine import reading, writing
from transformer.store.rules import block_name, list_blocked, unblock_name

_KINDS = [kind.value for kind in BlockedKind]
_BLOCKED = object_schema(
    {
        "kind": {"enum": _KINDS},
        "name": {"type": "string"},
        "of": {"type": "string"},
        "created_at": {"type": "string"},
    },
    required=["kind", "name", "created_at"],
)


def _list(call: ApiCall) -> JsonObject:
    with reading(call.deps.engine) as connection:
        found = list_blocked(connection, workspace_id=call.workspace_id)
    return {
        "blocked": [_as_json(one.named) | {"created_at": one.created_at} for one in found],
    }


def _block(call: ApiCall) -> JsonObject:
    named = _named(
        BlockedKind(call.body["kind"]), call.body["name"], of=call.body.get("of"), place="/of"
    )
    if named.kind is BlockedKind.ATTRIBUTE:
        check_attribute(named.name)
    with writing(call.deps.engine) as connection:
        block_name(
            connection, workspace_id=call.workspace_id, named=named, now=call.deps.clock.now()
        )
    # The writers learn of it with their next batch.
    call.deps.changed()
    return _as_json(named)


def _unblock(call: ApiCall) -> JsonObject:
    kind = call.query.get("kind")
    if kind is None:
        raise InvalidRequest("`kind` is missing in the query.", hint="Such as ?kind=attribute.")
    named = _named(BlockedKind(kind), named_in_query(call), of=call.query.get("of"))
    with writing(call.deps.engine) as connection:
        unblock_name(connection, workspace_id=call.workspace_id, named=named)
    call.deps.changed()
    return {}


def _named(kind: BlockedKind, name: str, *, of: str | None, place: str = "") -> BlockedName:
    if kind in PROPERTIES and not of:
        raise InvalidRequest(
            f"`of` is missing; a {kind.value} is one of an event or a product.",
            hint="Give the event's name, or the product's id.",
            pointer=place,
        )
    if kind not in PROPERTIES and of is not None:
        raise InvalidRequest(
            f"`of` is not known to the kind {kind.value}.",
            hint=f"Properties alone have it: {', '.join(sorted(PROPERTIES))}.",
            pointer=place,
        )
    return BlockedName(kind, name, of or "")


def _as_json(named: BlockedName) -> JsonObject:
    told: JsonObject = {"kind": named.kind.value, "name": named.name}
    return told | {"of": named.of} if named.of else told


_PATH = "/api/blocked-names"
ROUTES = (
    ApiRoute(
        "GET",
        _PATH,
        "List the names of which nothing is taken in.",
        _list,
        object_schema({"blocked": {"type": "array", "items": _BLOCKED}}, required=["blocked"]),
    ),
    ApiRoute(
        "PUT",
        _PATH,
        "Block the name of a custom attribute, event, product or property; what is there stays.",
        _block,
        BLOCK_NAME,
        body=BLOCK_NAME,
    ),
    ApiRoute(
        "DELETE",
        _PATH,
        "Take a name in again.",
        _unblock,
        object_schema({}),
        query=(
            Parameter("kind", "what the name is of", {"enum": _KINDS}),
            NAME,
            Parameter("of", "of a property: the name of its event, or the id of its product"),
        ),
    ),
)
