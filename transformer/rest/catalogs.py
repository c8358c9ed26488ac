"""``/catalogs`` and ``/catalogs/{catalog_name}/fields``: catalogs as such (braze.md §3.1).

What is changed here is changed when the call is answered, also where Braze says 202: a catalog, like a
transformation, is configuration, and no work of the writer's.
"""

from http import HTTPStatus

from transformer.api.bodies import Schema, object_schema
from transformer.api_key import Permission
from transformer.operation import JsonObject
from transformer.rest import rates
from transformer.rest.catalog_errors import given_in, in_words_of_catalogs, refused
from transformer.rest.openapi import ERROR
from transformer.rest.route import Answer, RestCall, RestRoute
from transformer.schemas.reader import load_rest_schema
from transformer.store.catalogs import (
    add_fields,
    create_catalog,
    delete_catalog,
    list_catalogs,
    remove_field,
)
from transformer.store.engine import Connection

SUCCESS: Schema = object_schema({"message": {"const": "success"}}, required=["message"])
_CATALOG: Schema = object_schema(
    {
        "name": {"type": "string"},
        "description": {"type": "string"},
        "fields": {
            "type": "array",
            "items": object_schema(
                {"name": {"type": "string"}, "type": {"type": "string"}}, required=["name", "type"]
            ),
        },
        "num_items": {"type": "integer", "minimum": 0},
        "updated_at": {"type": "string", "format": "date-time"},
    },
    required=["name", "description", "fields", "num_items", "updated_at"],
)
_CATALOGS: Schema = object_schema(
    {"catalogs": {"type": "array", "items": _CATALOG}, "message": {"const": "success"}},
    required=["catalogs", "message"],
)


@in_words_of_catalogs
async def _create(call: RestCall) -> Answer:
    described = _only_catalog(call)

    def create(connection: Connection) -> JsonObject:
        create_catalog(
            connection,
            workspace_id=call.workspace_id,
            # What is of another type is refused in the words of this API.
            name=described.get("name"),  # type: ignore[arg-type]
            description=described.get("description", ""),
            fields=described.get("fields"),  # type: ignore[arg-type]
            now=call.clock.now(),
        )
        held = list_catalogs(connection, workspace_id=call.workspace_id)
        return next(one for one in held if one["name"] == described["name"])

    made = await call.change(create)
    return Answer(HTTPStatus.CREATED, {"catalogs": [_told(made)], "message": "success"})


@in_words_of_catalogs
async def _list(call: RestCall) -> Answer:
    held = await call.read(lambda found: list_catalogs(found, workspace_id=call.workspace_id))
    return Answer(HTTPStatus.OK, {"catalogs": list(map(_told, held)), "message": "success"})


@in_words_of_catalogs
async def _delete(call: RestCall) -> Answer:
    def delete(connection: Connection) -> None:
        delete_catalog(
            connection,
            workspace_id=call.workspace_id,
            name=call.path["catalog_name"],
            now=call.clock.now(),
        )

    await call.change(delete)
    return Answer(HTTPStatus.OK, {"message": "success"})


@in_words_of_catalogs
async def _add_fields(call: RestCall) -> Answer:
    def add(connection: Connection) -> None:
        add_fields(
            connection,
            workspace_id=call.workspace_id,
            name=call.path["catalog_name"],
            fields=call.body.get("fields"),  # type: ignore[arg-type]  # as above
            now=call.clock.now(),
        )

    await call.change(add)
    return Answer(HTTPStatus.ACCEPTED, {"message": "success"})


@in_words_of_catalogs
async def _remove_field(call: RestCall) -> Answer:
    def remove(connection: Connection) -> None:
        remove_field(
            connection,
            workspace_id=call.workspace_id,
            name=call.path["catalog_name"],
            field=call.path["field_name"],
            now=call.clock.now(),
        )

    await call.change(remove)
    return Answer(HTTPStatus.ACCEPTED, {"message": "success"})


def _only_catalog(call: RestCall) -> JsonObject:
    listed = call.body.get("catalogs")
    if not isinstance(listed, list) or not listed or not all(isinstance(c, dict) for c in listed):
        raise refused("catalog_array_invalid", given=given_in(call))
    if len(listed) > 1:
        raise refused("too_many_catalog_atoms", given=given_in(call))
    described: JsonObject = listed[0]
    return described


def _told(catalog: JsonObject) -> JsonObject:
    return {
        "name": catalog["name"],
        "description": catalog["description"],
        "fields": catalog["fields"],
        "num_items": catalog["num_items"],
        # The form that this API has times in, outside of items.
        "updated_at": catalog["updated_at"].replace("Z", "+00:00"),
    }


ROUTES = (
    RestRoute(
        "POST",
        "/catalogs",
        Permission.CATALOGS_CREATE,
        rates.CATALOGS,
        "Create a catalog.",
        _create,
        {HTTPStatus.CREATED: _CATALOGS},
        body=load_rest_schema("catalogs.create"),
    ),
    RestRoute(
        "GET",
        "/catalogs",
        Permission.CATALOGS_GET,
        rates.CATALOGS,
        "List the catalogs by name.",
        _list,
        {HTTPStatus.OK: _CATALOGS},
    ),
    RestRoute(
        "DELETE",
        "/catalogs/{catalog_name}",
        Permission.CATALOGS_DELETE,
        rates.CATALOGS,
        "Delete a catalog with its items and selections.",
        _delete,
        {HTTPStatus.OK: SUCCESS, HTTPStatus.NOT_FOUND: ERROR},
    ),
    RestRoute(
        "POST",
        "/catalogs/{catalog_name}/fields",
        Permission.CATALOGS_CREATE_FIELDS,
        rates.CATALOG_FIELDS,
        "Add fields to a catalog.",
        _add_fields,
        {HTTPStatus.ACCEPTED: SUCCESS, HTTPStatus.NOT_FOUND: ERROR},
        body=load_rest_schema("catalogs.create_fields"),
    ),
    RestRoute(
        "DELETE",
        "/catalogs/{catalog_name}/fields/{field_name}",
        Permission.CATALOGS_DELETE_FIELDS,
        rates.CATALOG_FIELDS,
        "Remove a field from a catalog, and its values from the items.",
        _remove_field,
        {HTTPStatus.ACCEPTED: SUCCESS, HTTPStatus.NOT_FOUND: ERROR},
    ),
)
