"""``/catalogs/{catalog_name}/items``: items by the dozen (braze.md §3.2).

A change is 202 once it is held and its items were found to fit; the writer applies it. The list is read
from the store as it stands.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from http import HTTPStatus

from transformer.api.bodies import Schema, object_schema
from transformer.api_key import Permission
from transformer.catalog import Catalog, is_name
from transformer.operation import JsonObject, Kind
from transformer.rest import rates
from transformer.rest.catalog_door import (
    MOST_BODY_LEVELS,
    MOST_ITEMS,
    check_items,
    find_catalog,
    listed_items,
)
from transformer.rest.catalog_errors import given_in, in_words_of_catalogs, refused
from transformer.rest.catalogs import SUCCESS
from transformer.rest.openapi import ERROR
from transformer.rest.route import Answer, Handler, Headers, QueryName, RestCall, RestRoute
from transformer.rest.submission import Asked
from transformer.schemas.reader import load_rest_schema
from transformer.store.engine import Connection
from transformer.store.items import read_page, read_page_before

PAGE_ITEMS = 50
_AFTER, _BEFORE = "after:", "before:"

ITEMS: Schema = object_schema(
    {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}},
                "description": "the id, and the fields that have a value",
            },
        },
        "message": {"const": "success"},
    },
    required=["items", "message"],
)


@dataclass(frozen=True, slots=True)
class _Page:
    """Items, and the cursors of the pages around them; empty: there is none."""

    items: list[JsonObject]
    previous: str = ""
    next: str = ""


def _changing(kind: Kind) -> Handler:
    @in_words_of_catalogs
    async def change(call: RestCall) -> Answer:
        catalog = await find_catalog(call)
        items = listed_items(call, most=MOST_ITEMS)
        await call.submit(Asked(check_items(call, items, kind=kind, catalog=catalog)))
        return Answer(HTTPStatus.ACCEPTED, {"message": "success"})

    return change


@in_words_of_catalogs
async def _list(call: RestCall) -> Answer:
    catalog = await find_catalog(call)
    cursor = call.query.get("cursor")
    place = "" if cursor is None else _read_cursor(cursor)
    if place is None:
        raise refused("invalid_cursor", given=given_in(call))
    page = await call.read(lambda connection: _page_at(connection, catalog, place))
    return Answer(HTTPStatus.OK, {"items": page.items, "message": "success"}, _links(catalog, page))


def _page_at(connection: Connection, catalog: Catalog, place: str) -> _Page:
    if place.startswith(_BEFORE):
        before = place.removeprefix(_BEFORE)
        found = read_page_before(connection, catalog=catalog, before=before, limit=PAGE_ITEMS + 1)
        if len(found) > PAGE_ITEMS:
            items = found[1:]
            return _Page(items, previous=_BEFORE + items[0]["id"], next=_AFTER + items[-1]["id"])
        place = ""  # a page that is not full before another one is the first
    after = place.removeprefix(_AFTER)
    found = read_page(connection, catalog=catalog, after=after, limit=PAGE_ITEMS + 1)
    items = found[:PAGE_ITEMS]
    return _Page(
        items,
        previous=_BEFORE + items[0]["id"] if after and items else "",
        next=_AFTER + items[-1]["id"] if len(found) > PAGE_ITEMS else "",
    )


def _links(catalog: Catalog, page: _Page) -> Headers:
    links = [
        f'</catalogs/{catalog.name}/items?cursor={_as_cursor(place)}>; rel="{relation}"'
        for relation, place in (("prev", page.previous), ("next", page.next))
        if place
    ]
    return ((b"link", ",".join(links).encode()),) if links else ()


def _as_cursor(place: str) -> str:
    return urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> str | None:
    """Read what :func:`_as_cursor` wrote; None where it did not."""
    try:
        place = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    for kind in (_AFTER, _BEFORE):
        if place.startswith(kind) and is_name(place.removeprefix(kind)):
            return place
    return None


def _change_route(method: str, permission: Permission, kind: Kind, summary: str) -> RestRoute:
    return RestRoute(
        method,
        "/catalogs/{catalog_name}/items",
        permission,
        rates.CATALOG_ITEMS,
        summary,
        _changing(kind),
        {HTTPStatus.ACCEPTED: SUCCESS, HTTPStatus.NOT_FOUND: ERROR},
        body=load_rest_schema(permission.value),
        most_levels=MOST_BODY_LEVELS,
    )


ROUTES = (
    _change_route(
        "POST", Permission.CATALOGS_ADD_ITEMS, Kind.CATALOG_CREATE, "Create items of a catalog."
    ),
    _change_route(
        "PUT",
        Permission.CATALOGS_REPLACE_ITEMS,
        Kind.CATALOG_PUT,
        "Create items of a catalog, or replace them as a whole.",
    ),
    _change_route(
        "PATCH",
        Permission.CATALOGS_UPDATE_ITEMS,
        Kind.CATALOG_PATCH,
        "Change fields of items of a catalog.",
    ),
    _change_route(
        "DELETE",
        Permission.CATALOGS_DELETE_ITEMS,
        Kind.CATALOG_DELETE,
        "Delete items of a catalog.",
    ),
    RestRoute(
        "GET",
        "/catalogs/{catalog_name}/items",
        Permission.CATALOGS_GET_ITEMS,
        rates.CATALOG_ITEM,
        "List the items of a catalog by their ids, 50 at a time; the header Link leads on.",
        _list,
        {HTTPStatus.OK: ITEMS, HTTPStatus.NOT_FOUND: ERROR},
        query=(
            QueryName(
                "cursor",
                "where a page begins; the header Link has it",
                {"type": "string", "minLength": 1},
            ),
        ),
    ),
)
