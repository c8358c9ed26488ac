"""Routes of catalogs and their items."""

from transformer.api.bodies import CREATE_CATALOG, Schema, object_schema
from transformer.api.deliveries import LIMIT, NEXT_CURSOR, limit_of
from transformer.api.route import ApiCall, ApiRoute, Parameter
from transformer.operation import JsonObject
from transformer.store.catalogs import create_catalog, list_catalogs
from transformer.store.engine import reading, writing
from transformer.store.items import read_items

_CATALOG: Schema = object_schema(
    {
        "name": {"type": "string"},
        "description": {"type": "string"},
        "fields": {"type": "array", "items": {"type": "object"}},
        "num_items": {"type": "integer"},
    },
    required=["name", "description", "fields", "num_items"],
    closed=False,
)


def _create(call: ApiCall) -> JsonObject:
    with writing(call.deps.engine) as connection:
        create_catalog(
            connection,
            workspace_id=call.workspace_id,
            name=call.body["name"],
            description=call.body.get("description", ""),
            fields=call.body["fields"],
            now=call.deps.clock.now(),
        )
        held = list_catalogs(connection, workspace_id=call.workspace_id)
    return next(catalog for catalog in held if catalog["name"] == call.body["name"])


def _list(call: ApiCall) -> JsonObject:
    with reading(call.deps.engine) as connection:
        return {"catalogs": list_catalogs(connection, workspace_id=call.workspace_id)}


def _list_items(call: ApiCall) -> JsonObject:
    limit = limit_of(call)
    with reading(call.deps.engine) as connection:
        found = read_items(
            connection,
            workspace_id=call.workspace_id,
            catalog_name=call.path["catalog_name"],
            after=call.query.get("cursor"),
            limit=limit + 1,
        )
    page = found[:limit]
    return {"items": page, "next_cursor": page[-1]["id"] if len(found) > limit else None}


ROUTES = (
    ApiRoute(
        "POST",
        "/api/catalogs",
        "Make a catalog; its first field is `id`, of type string.",
        _create,
        _CATALOG,
        body=CREATE_CATALOG,
        status=201,
    ),
    ApiRoute(
        "GET",
        "/api/catalogs",
        "List the catalogs by name.",
        _list,
        object_schema({"catalogs": {"type": "array", "items": _CATALOG}}),
    ),
    ApiRoute(
        "GET",
        "/api/catalogs/{catalog_name}/items",
        "List a catalog's items by their ids.",
        _list_items,
        object_schema(
            {"items": {"type": "array", "items": {"type": "object"}}, "next_cursor": NEXT_CURSOR},
            required=["items", "next_cursor"],
        ),
        query=(Parameter("cursor", "`next_cursor` of the page before"), LIMIT),
    ),
)
