"""Routes of API keys, with which programs use the REST API (transformer/rest)."""

from transformer.api.bodies import Schema, id_schema, object_schema
from transformer.api.route import ApiCall, ApiRoute
from transformer.api_key import (
    ApiKey,
    Permission,
    hash_of,
    key_text,
    new_secret,
    read_networks,
)
from transformer.clock import to_text
from transformer.errors import InvalidRequest
from transformer.ids import KeyId, new_key_id
from transformer.operation import JsonObject
from transformer.store.api_keys import create_key, delete_key, list_keys
from transformer.store.engine import reading, writing
from transformer.store.workspaces import check_workspace

_MOST_NETWORKS = 100
_PERMISSION: Schema = {"enum": [permission.value for permission in Permission]}
_CREATE_KEY = object_schema(
    {
        "name": {
            "type": "string",
            "minLength": 1,
            "maxLength": 250,
            "pattern": r"^[^\u0000]*$",
        },
        "permissions": {"type": "array", "minItems": 1, "maxItems": 100, "items": _PERMISSION},
        "allowed_ips": {
            "type": "array",
            "maxItems": _MOST_NETWORKS,
            "items": {"type": "string"},
            "description": "addresses and subnets from which it may be used, such as 192.0.2.7 and "
            "198.51.100.0/24; none: from everywhere",
        },
    },
    required=["name", "permissions"],
)
_KEY_PARTS: dict[str, Schema] = {
    "id": id_schema("key"),
    "name": {"type": "string"},
    "permissions": {"type": "array", "items": {"type": "string"}},
    "allowed_ips": {"type": "array", "items": {"type": "string"}},
    "created_at": {"type": "string"},
    "last_seen_at": {
        "type": ["string", "null"],
        "description": "when it was used last, to the minute; null: never",
    },
}
_KEY = object_schema(_KEY_PARTS, required=list(_KEY_PARTS))
_NEW_KEY = object_schema(
    _KEY_PARTS
    | {
        "key": {
            "type": "string",
            "description": "what to send as `Authorization: Bearer …`; it is shown this once",
        }
    },
    required=[*_KEY_PARTS, "key"],
)


def _create(call: ApiCall) -> JsonObject:
    secret = new_secret()
    try:
        networks = read_networks(call.body.get("allowed_ips", []))
    except ValueError as error:
        raise InvalidRequest(
            f"`allowed_ips`: {error}.",
            hint="Give addresses such as 192.0.2.7 and subnets such as 198.51.100.0/24.",
            pointer="/allowed_ips",
        ) from error
    key = ApiKey(
        id=new_key_id(),
        workspace_id=call.workspace_id,
        name=call.body["name"],
        permissions=frozenset(Permission(name) for name in call.body["permissions"]),
        networks=networks,
        secret_hash=hash_of(secret),
        created_at=call.deps.clock.now(),
    )
    with writing(call.deps.engine) as connection:
        check_workspace(connection, workspace_id=call.workspace_id)
        create_key(connection, key)
    return _described(key) | {"key": key_text(key.id, secret)}


def _list(call: ApiCall) -> JsonObject:
    with reading(call.deps.engine) as connection:
        keys = list_keys(connection, workspace_id=call.workspace_id)
    return {"keys": [_described(key) for key in keys]}


def _delete(call: ApiCall) -> JsonObject:
    key_id = KeyId(call.id("key_id", "key"))
    with writing(call.deps.engine) as connection:
        delete_key(connection, workspace_id=call.workspace_id, key_id=key_id)
    # Each process of web still knows it, and drops what it knows when this has changed.
    call.deps.changed()
    return {"deleted": key_id}


def _described(key: ApiKey) -> JsonObject:
    return {
        "id": key.id,
        "name": key.name,
        "permissions": sorted(key.permissions),
        "allowed_ips": [str(network) for network in key.networks],
        "created_at": to_text(key.created_at),
        "last_seen_at": to_text(key.last_seen_at) if key.last_seen_at else None,
    }


ROUTES = (
    ApiRoute(
        "POST",
        "/api/keys",
        "Make a key of the REST API; what it may do cannot be changed later.",
        _create,
        _NEW_KEY,
        body=_CREATE_KEY,
        status=201,
    ),
    ApiRoute(
        "GET",
        "/api/keys",
        "List the keys of the REST API.",
        _list,
        object_schema({"keys": {"type": "array", "items": _KEY}}, required=["keys"]),
    ),
    ApiRoute(
        "DELETE",
        "/api/keys/{key_id}",
        "Delete a key: it opens nothing from now on.",
        _delete,
        object_schema({"deleted": id_schema("key")}),
    ),
)
