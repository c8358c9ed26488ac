"""What a caller of the catalog routes is told when something is wrong (braze.md §3).

``{"errors": [{"id", "message", "parameters", "parameter_values"}], "message": "Invalid Request"}``. What is
not there is 404, whoever asks for it: Braze's page on deleting an item shows 400 for it, the one on
reading it 404.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Any

from transformer.delivery import Problem
from transformer.errors import NotFound, RequestRejected
from transformer.rest.errors import Refused
from transformer.rest.route import Answer, RestCall
from transformer.writer.catalog_wire import CatalogWireError, as_catalog_wire, item_index_of

INVALID_REQUEST = "Invalid Request"

_NOT_FOUND = frozenset({"catalog_not_found", "item_not_found"})


def refused(
    code: str, *, given: Mapping[str, Any], status: int = HTTPStatus.BAD_REQUEST
) -> Refused:
    """Make the refusal of a request that breaks a rule.

    Args:
        code: the rule, or our problem's code.
        given: what the request had, by the names of parameters.
        status: where the rule does not say it: what is not found is 404.
    """
    if code in _NOT_FOUND:
        status = HTTPStatus.NOT_FOUND
    return _refused([as_catalog_wire(code, given=given)], status)


def refused_items(
    problems: Sequence[Problem], items: Sequence[Mapping[str, Any]], *, given: Mapping[str, Any]
) -> Refused:
    """Make the refusal of a request some of whose items do not fit.

    Items without an id are told of once, with their number.
    """
    missing = sum(problem.code == "items_missing_ids" for problem in problems)
    if missing:
        told = [as_catalog_wire("items_missing_ids", given=given, count=missing)]
    else:
        told = [
            as_catalog_wire(problem.code, given={**given, **_id_of(problem, items)})
            for problem in problems
        ]
    return _refused(told, HTTPStatus.BAD_REQUEST)


def in_words_of_catalogs(
    handler: Callable[[RestCall], Awaitable[Answer]],
) -> Callable[[RestCall], Awaitable[Answer]]:
    """Let a handler's errors that name a rule be told as this API tells them."""

    @wraps(handler)
    async def told(call: RestCall) -> Answer:
        try:
            return await handler(call)
        except RequestRejected as error:
            if not error.rule:
                raise
            is_absent = isinstance(error, NotFound)
            status = HTTPStatus.NOT_FOUND if is_absent else HTTPStatus.BAD_REQUEST
            raise refused(error.rule, given=given_in(call), status=status) from error

    return told


def given_in(call: RestCall) -> dict[str, Any]:
    """Give what a call has in its URL and body, by the names of parameters."""
    given: dict[str, Any] = {**call.path, **{n: v for n, v in call.query.items() if n == "cursor"}}
    listed = call.body.get("catalogs")
    if isinstance(listed, list) and listed and isinstance(listed[0], dict):
        given["name"] = listed[0].get("name")
    selection = call.body.get("selection")
    if isinstance(selection, dict):
        given["selection_name"] = selection.get("name")
    return given


def _id_of(problem: Problem, items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    index = item_index_of(problem)
    return {} if index is None else {"id": items[index].get("id")}


def _refused(told: Iterable[CatalogWireError], status: int) -> Refused:
    return Refused(status, INVALID_REQUEST, errors=list(told))
