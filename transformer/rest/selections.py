"""``/catalogs/{catalog_name}/selections``: which items are meant (braze.md §3.3).

Braze documents the calls that make and remove a selection; the two that read are ours.
"""

from http import HTTPStatus

from transformer.api.bodies import Schema, object_schema
from transformer.api_key import Permission
from transformer.catalog import Catalog
from transformer.operation import JsonObject
from transformer.rest import rates
from transformer.rest.catalog_errors import in_words_of_catalogs
from transformer.rest.catalog_items import ITEMS
from transformer.rest.catalogs import SUCCESS
from transformer.rest.openapi import ERROR
from transformer.rest.route import Answer, RestCall, RestRoute
from transformer.schemas.reader import load_rest_schema
from transformer.selection import Selection, read_selection
from transformer.store.engine import Connection
from transformer.store.selections import (
    create_selection,
    delete_selection,
    list_selections,
    read_selected,
)
from transformer.writer.times import read_time

_SELECTIONS: Schema = object_schema(
    {
        "selections": {
            "type": "array",
            "items": {"type": "object", "required": ["name", "description", "filters"]},
        },
        "message": {"const": "success"},
    },
    required=["selections", "message"],
)


@in_words_of_catalogs
async def _create(call: RestCall) -> Answer:
    def read(catalog: Catalog) -> Selection:
        return read_selection(call.body.get("selection"), catalog=catalog, read_time=read_time)

    def create(connection: Connection) -> None:
        create_selection(
            connection,
            workspace_id=call.workspace_id,
            catalog_name=call.path["catalog_name"],
            read=read,
            now=call.clock.now(),
        )

    await call.change(create)
    return Answer(HTTPStatus.ACCEPTED, {"message": "success"})


@in_words_of_catalogs
async def _delete(call: RestCall) -> Answer:
    def delete(connection: Connection) -> None:
        delete_selection(
            connection,
            workspace_id=call.workspace_id,
            catalog_name=call.path["catalog_name"],
            name=call.path["selection_name"],
        )

    await call.change(delete)
    return Answer(HTTPStatus.ACCEPTED, {"message": "success"})


@in_words_of_catalogs
async def _list(call: RestCall) -> Answer:
    def find(connection: Connection) -> list[JsonObject]:
        return list_selections(
            connection, workspace_id=call.workspace_id, catalog_name=call.path["catalog_name"]
        )

    return Answer(HTTPStatus.OK, {"selections": await call.read(find), "message": "success"})


@in_words_of_catalogs
async def _evaluate(call: RestCall) -> Answer:
    def find(connection: Connection) -> list[JsonObject]:
        return read_selected(
            connection,
            workspace_id=call.workspace_id,
            catalog_name=call.path["catalog_name"],
            name=call.path["selection_name"],
        )

    return Answer(HTTPStatus.OK, {"items": await call.read(find), "message": "success"})


ROUTES = (
    RestRoute(
        "POST",
        "/catalogs/{catalog_name}/selections",
        Permission.CATALOGS_CREATE_SELECTION,
        rates.CATALOG_FIELDS,
        "Add a selection to a catalog.",
        _create,
        {HTTPStatus.ACCEPTED: SUCCESS, HTTPStatus.NOT_FOUND: ERROR},
        body=load_rest_schema("catalogs.create_selection"),
    ),
    RestRoute(
        "GET",
        "/catalogs/{catalog_name}/selections",
        Permission.CATALOGS_GET,
        rates.CATALOG_FIELDS,
        "List the selections of a catalog by name.",
        _list,
        {HTTPStatus.OK: _SELECTIONS, HTTPStatus.NOT_FOUND: ERROR},
    ),
    RestRoute(
        "DELETE",
        "/catalogs/{catalog_name}/selections/{selection_name}",
        Permission.CATALOGS_DELETE_SELECTION,
        rates.CATALOG_FIELDS,
        "Remove a selection from a catalog.",
        _delete,
        {HTTPStatus.ACCEPTED: SUCCESS, HTTPStatus.NOT_FOUND: ERROR},
    ),
    RestRoute(
        "GET",
        "/catalogs/{catalog_name}/selections/{selection_name}",
        Permission.CATALOGS_GET_ITEMS,
        rates.CATALOG_FIELDS,
        "Give the items that a selection means now.",
        _evaluate,
        {HTTPStatus.OK: ITEMS, HTTPStatus.NOT_FOUND: ERROR},
    ),
)
