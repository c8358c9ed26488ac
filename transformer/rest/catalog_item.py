"""``/catalogs/{catalog_name}/items/{item_id}``: one item, while the caller waits (braze.md §3.2).

The writer applies the change like any other, and its word is what the caller gets.
"""

from dataclasses import replace
from http import HTTPStatus

from transformer.api.bodies import Schema
from transformer.api_key import Permission
from transformer.catalog import Catalog, is_name
from transformer.delivery import State
from transformer.operation import JsonObject, Kind
from transformer.rest import rates
from transformer.rest.catalog_door import MOST_BODY_LEVELS, check_items, find_catalog, listed_items
from transformer.rest.catalog_errors import given_in, in_words_of_catalogs, refused
from transformer.rest.catalog_items import ITEMS
from transformer.rest.catalogs import SUCCESS
from transformer.rest.openapi import ERROR
from transformer.rest.route import Answer, Handler, RestCall, RestRoute
from transformer.rest.submission import Asked
from transformer.schemas.reader import load_rest_schema
from transformer.store.engine import Connection
from transformer.store.items import read_documents

_PATH = "/catalogs/{catalog_name}/items/{item_id}"


def _changing(kind: Kind, status: HTTPStatus) -> Handler:
    @in_words_of_catalogs
    async def change(call: RestCall) -> Answer:
        catalog = await find_catalog(call)
        if kind is Kind.CATALOG_DELETE and not is_name(call.path["item_id"]):
            raise refused("item_not_found", given=given_in(call))
        described = {} if kind is Kind.CATALOG_DELETE else _fields_in(call)
        return await _change(call, described, kind=kind, catalog=catalog, status=status)

    return change


async def _change(
    call: RestCall, described: JsonObject, *, kind: Kind, catalog: Catalog, status: HTTPStatus
) -> Answer:
    item = {"id": call.path["item_id"], **described}
    operations = check_items(call, [item], kind=kind, catalog=catalog)
    # An operation is a part of what the delivery log keeps, and needs its id there.
    sent = replace(call.sent, body={"items": [item]})
    outcome = await replace(call, sent=sent).submit_and_wait(Asked(operations))
    if outcome.state is not State.APPLIED:
        code = outcome.errors[0].code
        broke = code == "internal_error"
        raise refused(
            code,
            given=given_in(call) | {"id": item["id"]},
            status=HTTPStatus.INTERNAL_SERVER_ERROR if broke else HTTPStatus.BAD_REQUEST,
        )
    return Answer(status, {"message": "success"})


@in_words_of_catalogs
async def _get(call: RestCall) -> Answer:
    catalog = await find_catalog(call)
    item_id = call.path["item_id"]
    key = (catalog.name, item_id)

    def find(connection: Connection) -> JsonObject | None:
        keys = [key] if is_name(item_id) else []
        return read_documents(connection, catalogs={catalog.name: catalog}, keys=keys).get(key)

    document = await call.read(find)
    if document is None:
        raise refused("item_not_found", given=given_in(call))
    items = [{"id": item_id, **document}]
    return Answer(HTTPStatus.OK, {"items": items, "message": "success"})


def _fields_in(call: RestCall) -> JsonObject:
    [described] = listed_items(call, most=1)
    if "id" in described:
        raise refused("id_in_body", given=given_in(call) | {"id": described["id"]})
    return described


def _route(
    method: str, permission: Permission, summary: str, handler: Handler, answers: dict[int, Schema]
) -> RestRoute:
    return RestRoute(
        method,
        _PATH,
        permission,
        rates.CATALOG_ITEM,
        summary,
        handler,
        answers | {HTTPStatus.NOT_FOUND: ERROR},
        body=None if method in {"GET", "DELETE"} else load_rest_schema(permission.value),
        most_levels=MOST_BODY_LEVELS,
    )


ROUTES = (
    _route(
        "POST",
        Permission.CATALOGS_CREATE_ITEM,
        "Create an item of a catalog.",
        _changing(Kind.CATALOG_CREATE, HTTPStatus.CREATED),
        {HTTPStatus.CREATED: SUCCESS},
    ),
    _route(
        "PUT",
        Permission.CATALOGS_REPLACE_ITEM,
        "Create an item of a catalog, or replace it as a whole.",
        _changing(Kind.CATALOG_PUT, HTTPStatus.OK),
        {HTTPStatus.OK: SUCCESS},
    ),
    _route(
        "PATCH",
        Permission.CATALOGS_UPDATE_ITEM,
        "Change fields of an item of a catalog.",
        _changing(Kind.CATALOG_PATCH, HTTPStatus.OK),
        {HTTPStatus.OK: SUCCESS},
    ),
    _route(
        "DELETE",
        Permission.CATALOGS_DELETE_ITEM,
        "Delete an item of a catalog.",
        # As documented, though the item is gone when the call is answered.
        _changing(Kind.CATALOG_DELETE, HTTPStatus.ACCEPTED),
        {HTTPStatus.ACCEPTED: SUCCESS},
    ),
    _route(
        "GET",
        Permission.CATALOGS_GET_ITEM,
        "Show an item of a catalog.",
        _get,
        {HTTPStatus.OK: ITEMS},
    ),
)
