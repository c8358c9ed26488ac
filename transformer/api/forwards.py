"""Routes of forwards: the outside APIs that a workspace's applied operations are also sent to.

A credential is written and never read. Whoever changes the address gives it anew: else whoever may
change an address could have it sent to himself.
"""

from dataclasses import replace

from transformer.api.bodies import CHANGE_FORWARD, CREATE_FORWARD, Schema, id_schema, object_schema
from transformer.api.deliveries import LIMIT, NEXT_CURSOR, limit_of
from transformer.api.route import ApiCall, ApiRoute, Parameter
from transformer.clock import to_text
from transformer.errors import InvalidRequest
from transformer.forward.address import check_base_url
from transformer.ids import ForwardId, new_forward_id
from transformer.operation import JsonObject
from transformer.store.engine import Connection, reading, writing
from transformer.store.forwards import (
    Forward,
    ForwardState,
    create_forward,
    list_forwards,
    read_forward,
    read_standing,
    save_forward,
    save_state,
)
from transformer.store.outbox import drop_dead, list_dead, requeue_dead

_BRAZE = "braze"
# Counting more would take longer than anyone wants to wait for a number.
_MOST_COUNTED = 1_000_000
_COUNT: Schema = {"type": "integer", "minimum": 0}
_TIME: Schema = {"type": ["string", "null"]}
_CONFIGURED: dict[str, Schema] = {
    "id": id_schema("fwd"),
    "name": {"type": "string"},
    "kind": {"enum": [_BRAZE]},
    "base_url": {"type": "string"},
    "state": {"enum": [ForwardState.ACTIVE.value, ForwardState.PAUSED.value]},
    "created_at": {"type": "string"},
    "updated_at": {"type": "string"},
}
_FORWARD = object_schema(_CONFIGURED, required=_CONFIGURED)
_STANDING: dict[str, Schema] = {
    "waiting": _COUNT | {"description": f"operations in the outbox, up to {_MOST_COUNTED:,}"},
    "oldest_at": _TIME | {"description": "when the delivery was made that waits for longest"},
    "sent": _COUNT,
    "sent_at": _TIME,
    "refused": _COUNT | {"description": "operations that the other side would not take"},
    "dead": _COUNT | {"description": "those of them that are kept, to be queued anew or dropped"},
    "left_out": _COUNT | {"description": "operations that found the outbox full"},
    "left_out_at": _TIME,
    "trouble": {
        "type": ["object", "null"],
        "description": "what keeps operations from being sent: since, path, code, message, retry_at",
    },
}
_FULL = object_schema(_CONFIGURED | _STANDING, required=[*_CONFIGURED, *_STANDING])
_REFUSED = object_schema(
    {
        "delivery_id": id_schema("dlv"),
        "position": _COUNT,
        "kind": {"type": "string"},
        "catalog_name": {"type": "string"},
        "object": {"type": "string", "description": "the object, as JSON"},
        "code": {"type": "string"},
        "message": {"type": "string"},
    }
)


def _list(call: ApiCall) -> JsonObject:
    with reading(call.deps.engine) as connection:
        found = list_forwards(connection, workspace_id=call.workspace_id)
    return {"forwards": [_as_json(forward) for forward in found]}


def _create(call: ApiCall) -> JsonObject:
    now = to_text(call.deps.clock.now())
    forward = Forward(
        id=new_forward_id(),
        workspace_id=call.workspace_id,
        name=call.body["name"],
        kind=_BRAZE,
        base_url=check_base_url(call.body["base_url"], reach=call.deps.forward_reach),
        credential=call.body["credential"],
        state=ForwardState.ACTIVE,
        created_at=now,
        updated_at=now,
    )
    with writing(call.deps.engine) as connection:
        create_forward(connection, forward=forward)
    # The writers learn of it with their next batch.
    call.deps.changed()
    return _as_json(forward)


def _read(call: ApiCall) -> JsonObject:
    with reading(call.deps.engine) as connection:
        forward = _named(call, connection)
        standing = read_standing(connection, forward_id=forward.id, most=_MOST_COUNTED)
    told = {name: getattr(standing, name) for name in _STANDING}
    return _as_json(forward) | told


def _change(call: ApiCall) -> JsonObject:
    with writing(call.deps.engine) as connection:
        before = _named(call, connection)
        changed = replace(
            before,
            name=call.body.get("name", before.name),
            base_url=check_base_url(
                call.body.get("base_url", before.base_url), reach=call.deps.forward_reach
            ),
            credential=call.body.get("credential", before.credential),
            updated_at=to_text(call.deps.clock.now()),
        )
        if changed.base_url != before.base_url and "credential" not in call.body:
            raise InvalidRequest(
                "`credential` is missing.",
                hint="Another address needs the credential anew: the one that is kept goes to no "
                "other address than the one that it was given for.",
                pointer="/credential",
            )
        save_forward(connection, forward=changed, now=call.deps.clock.now())
    return _as_json(changed)


def _pause(call: ApiCall) -> JsonObject:
    return _set_state(call, ForwardState.PAUSED)


def _resume(call: ApiCall) -> JsonObject:
    return _set_state(call, ForwardState.ACTIVE)


def _remove(call: ApiCall) -> JsonObject:
    _set_state(call, ForwardState.REMOVED)
    call.deps.changed()
    return {}


def _test(call: ApiCall) -> JsonObject:
    # Only now: what speaks HTTP costs web megabytes that most never need.
    from transformer.forward.probe import probe  # noqa: PLC0415

    with reading(call.deps.engine) as connection:
        forward = _named(call, connection)
    found = probe(
        forward.base_url,
        forward.credential,
        reach=call.deps.forward_reach,
        timeout_s=call.deps.forward_timeout_s,
    )
    return {"works": found.works, "status": found.status, "message": found.message}


def _list_refused(call: ApiCall) -> JsonObject:
    limit, cursor = limit_of(call), call.query.get("cursor", "0")
    if not (cursor.isascii() and cursor.isdigit()):
        raise InvalidRequest(f"`cursor` is {cursor!r}; that of the page before was expected.")
    with reading(call.deps.engine) as connection:
        forward = _named(call, connection)
        # A number of more digits than a row's has is behind all of them.
        after = min(int(cursor[:20]), 2**62)
        found = list_dead(connection, forward_id=forward.id, after=after, limit=limit + 1)
    page = found[:limit]
    return {
        "refused": [
            {
                "delivery_id": one.delivery_id,
                "position": one.position,
                "kind": one.kind,
                "catalog_name": one.catalog_name,
                "object": one.object,
                **one.refusal,
            }
            for one in page
        ],
        "next_cursor": str(page[-1].id) if len(found) > limit else None,
    }


def _requeue(call: ApiCall) -> JsonObject:
    with writing(call.deps.engine) as connection:
        return {"requeued": requeue_dead(connection, forward_id=_named(call, connection).id)}


def _drop(call: ApiCall) -> JsonObject:
    with writing(call.deps.engine) as connection:
        return {"dropped": drop_dead(connection, forward_id=_named(call, connection).id)}


def _set_state(call: ApiCall, state: ForwardState) -> JsonObject:
    now = call.deps.clock.now()
    with writing(call.deps.engine) as connection:
        forward = _named(call, connection)
        save_state(connection, forward=forward, state=state, now=now)
    return _as_json(replace(forward, state=state, updated_at=to_text(now)))


def _named(call: ApiCall, connection: Connection) -> Forward:
    forward_id = ForwardId(call.id("forward_id", "fwd"))
    return read_forward(connection, workspace_id=call.workspace_id, forward_id=forward_id)


def _as_json(forward: Forward) -> JsonObject:
    return {name: getattr(forward, name) for name in _CONFIGURED}


_PATH = "/api/forwards"
_ONE = "/api/forwards/{forward_id}"
ROUTES = (
    ApiRoute(
        "GET",
        _PATH,
        "List the forwards.",
        _list,
        object_schema({"forwards": {"type": "array", "items": _FORWARD}}, required=["forwards"]),
    ),
    ApiRoute(
        "POST",
        _PATH,
        "Send what is applied from now on to another API too.",
        _create,
        _FORWARD,
        body=CREATE_FORWARD,
        status=201,
    ),
    ApiRoute("GET", _ONE, "Read one forward, and how it fares.", _read, _FULL),
    ApiRoute(
        "PUT",
        _ONE,
        "Change the name, address or credential of a forward.",
        _change,
        _FORWARD,
        body=CHANGE_FORWARD,
    ),
    ApiRoute(
        "DELETE",
        _ONE,
        "Remove a forward, and whatever waits for it.",
        _remove,
        object_schema({}),
    ),
    ApiRoute(
        "POST",
        f"{_ONE}/pause",
        "Send nothing until resumed; what is applied waits.",
        _pause,
        _FORWARD,
    ),
    ApiRoute("POST", f"{_ONE}/resume", "Send again.", _resume, _FORWARD),
    ApiRoute(
        "POST",
        f"{_ONE}/test",
        "Ask the other side whether address and credential are right; nothing is changed there.",
        _test,
        object_schema(
            {
                "works": {"type": "boolean"},
                "status": {"type": ["integer", "null"]},
                "message": {"type": "string"},
            },
            required=["works", "status", "message"],
        ),
    ),
    ApiRoute(
        "GET",
        f"{_ONE}/refused",
        "List what the other side would not take, oldest first.",
        _list_refused,
        object_schema(
            {"refused": {"type": "array", "items": _REFUSED}, "next_cursor": NEXT_CURSOR},
            required=["refused", "next_cursor"],
        ),
        query=(Parameter("cursor", "`next_cursor` of the page before"), LIMIT),
    ),
    ApiRoute(
        "DELETE",
        f"{_ONE}/refused",
        "Forget what the other side would not take.",
        _drop,
        object_schema({"dropped": _COUNT}, required=["dropped"]),
    ),
    ApiRoute(
        "POST",
        f"{_ONE}/requeue",
        "Send what the other side would not take once more, behind what was sent meanwhile.",
        _requeue,
        object_schema({"requeued": _COUNT}, required=["requeued"]),
    ),
)
