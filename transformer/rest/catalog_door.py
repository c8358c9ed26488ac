"""Looks at the items of a call at the door, with the writer's own readers.

A call whose items do not all fit their catalog changes nothing, and says so at once. What depends on
the items that are there, such as the one that a PATCH changes, is found by the writer, who asks the
rest again: the catalog may be another one by then.
"""

from collections.abc import Sequence
from typing import Any

from transformer.catalog import Catalog
from transformer.delivery import Problem
from transformer.operation import JsonObject, Kind, Operation
from transformer.rest.catalog_errors import given_in, refused, refused_items
from transformer.rest.route import RestCall
from transformer.store.catalogs import read_catalog
from transformer.store.engine import Connection
from transformer.worker.check import MOST_LEVELS
from transformer.writer.catalogs import read_item
from transformer.writer.identity import shown

MOST_ITEMS = 50
# What is too deep for a value has an error of its own; what is far too deep has that of all routes.
MOST_BODY_LEVELS = MOST_LEVELS + 50


async def find_catalog(call: RestCall) -> Catalog:
    """Give the catalog that a call names.

    Raises:
        NotFound: there is none.
    """

    def find(connection: Connection) -> Catalog:
        return read_catalog(
            connection, workspace_id=call.workspace_id, name=call.path["catalog_name"]
        )

    return await call.read(find)


def listed_items(call: RestCall, *, most: int) -> list[JsonObject]:
    """Give the items of a call's body.

    Raises:
        Refused: 400, they are no array of objects, none, or more than ``most``.
    """
    items = call.body.get("items")
    if not isinstance(items, list) or not items or not all(isinstance(one, dict) for one in items):
        raise refused("item_array_invalid", given=given_in(call))
    if len(items) > most:
        raise refused("request_includes_too_many_items", given=given_in(call))
    return items


def check_items(
    call: RestCall, items: Sequence[JsonObject], *, kind: Kind, catalog: Catalog
) -> list[Operation]:
    """Make operations of a call's items.

    Raises:
        Refused: 400, some of them do not fit the catalog; it says which, and why.
    """
    problems: list[Problem] = []
    met: set[Any] = set()
    for index, described in enumerate(items):
        pointer = f"/items/{index}"
        read = read_item(
            described,
            kind=kind,
            catalog_name=catalog.name,
            catalogs={catalog.name: catalog},
            pointer=pointer,
        )
        if isinstance(read, Problem):
            problems.append(read)
        elif read.key in met:
            problems.append(_given_twice(described["id"], pointer))
        else:
            met.add(read.key)
    if problems:
        raise refused_items(problems, items, given=given_in(call))
    return [
        Operation(kind, index, described, ("items", index), catalog.name)
        for index, described in enumerate(items)
    ]


def _given_twice(item_id: str, pointer: str) -> Problem:
    return Problem(
        "ids_not_unique",
        f"An item before it has the id {shown(item_id)} too.",
        pointer=f"{pointer}/id",
    )
