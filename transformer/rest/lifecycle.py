"""Who a profile is: identify, merge, aliases, delete (braze.md §2.4).

Each call is answered when it is queued. What nobody is meant by changes nothing, and stands in the
delivery log.
"""

from http import HTTPStatus
from typing import Any

from transformer.api.bodies import object_schema
from transformer.api_key import Permission
from transformer.delivery import Problem
from transformer.operation import Kind
from transformer.rest import errors, rates
from transformer.rest.elements import (
    MOST_ELEMENTS,
    as_sent,
    named,
    objects_in,
    read_arrays,
)
from transformer.rest.route import Answer, RestCall, RestRoute
from transformer.schemas.reader import load_rest_schema
from transformer.writer.prioritization import FOR_MERGING, read_prioritization

_TOO_MANY_MERGES = "a single request may not contain more than 50 merge updates"
_MERGE_KEYS = frozenset({"identifier_to_merge", "identifier_to_keep"})
_IDENTIFIER_KEYS = frozenset({"external_id", "user_alias", "email", "phone", "prioritization"})
_ONLY_BOTH = "'merge_updates' must only have 'identifier_to_merge' and 'identifier_to_keep'"
_IDENTIFIERS = (
    "identifiers must be objects with an 'external_id' property that is a string, or 'user_alias' "
    "property that is an object, or 'email' or 'phone' property that is a string with a "
    "'prioritization' property that is an array"
)

_ALIASES_PROCESSED = object_schema(
    {
        "aliases_processed": {"type": "integer", "description": "elements that are queued"},
        "message": {"const": "success"},
    },
    required=["aliases_processed", "message"],
)
_DELETED = object_schema(
    {
        "deleted": {"type": "integer", "description": "profiles that are queued"},
        "message": {"const": "success"},
    },
    required=["deleted", "message"],
)
_QUEUED = object_schema({"message": {"const": "success"}}, required=["message"])

_DELETE_KINDS = {
    "external_ids": named("external_id"),
    "user_aliases": named("user_alias"),
    "braze_ids": named("braze_id"),
    "email_addresses": as_sent,
    "phone_numbers": as_sent,
}


async def _identify(call: RestCall) -> Answer:
    asked = read_arrays(
        call,
        [
            ("aliases_to_identify", Kind.IDENTIFY, as_sent),
            ("emails_to_identify", Kind.IDENTIFY, as_sent),
            ("phone_numbers_to_identify", Kind.IDENTIFY, as_sent),
        ],
    )
    await call.submit(asked)
    return _processed(len(asked.operations))


async def _merge(call: RestCall) -> Answer:
    updates = objects_in(call.body, "merge_updates", as_sent)
    if len(updates) > MOST_ELEMENTS:
        raise errors.bad_request(_TOO_MANY_MERGES)
    if any(update.keys() != _MERGE_KEYS for update in updates):
        raise errors.bad_request(_ONLY_BOTH)
    if not all(_is_identifier(given) for update in updates for given in update.values()):
        raise errors.bad_request(_IDENTIFIERS)
    asked = read_arrays(call, [("merge_updates", Kind.MERGE, as_sent)], unreadable=_IDENTIFIERS)
    await call.submit(asked)
    return Answer(HTTPStatus.ACCEPTED, {"message": "success"})


def _is_identifier(given: Any) -> bool:
    """Say whether it names a profile in one way, with nothing beside but a prioritization."""
    if not isinstance(given, dict) or not given.keys() <= _IDENTIFIER_KEYS:
        return False
    if len(given.keys() - {"prioritization"}) != 1:
        return False
    words = given.get("prioritization")
    return words is None or not isinstance(
        read_prioritization(words, allowed=FOR_MERGING, pointer=""), Problem
    )


async def _new_aliases(call: RestCall) -> Answer:
    asked = read_arrays(call, [("user_aliases", Kind.ALIAS_NEW, as_sent)])
    await call.submit(asked)
    return _processed(len(asked.operations))


async def _update_aliases(call: RestCall) -> Answer:
    asked = read_arrays(call, [("alias_updates", Kind.ALIAS_UPDATE, as_sent)])
    await call.submit(asked)
    return _processed(len(asked.operations))


async def _delete(call: RestCall) -> Answer:
    given = [array for array in _DELETE_KINDS if array in call.body]
    if len(given) != 1:
        expected = ", ".join(f"'{array}'" for array in _DELETE_KINDS)
        raise errors.bad_request(f"Exactly one of {expected} must be provided")
    [array] = given
    asked = read_arrays(call, [(array, Kind.DELETE, _DELETE_KINDS[array])])
    await call.submit(asked)
    return Answer(HTTPStatus.CREATED, {"deleted": len(asked.operations), "message": "success"})


def _processed(count: int) -> Answer:
    return Answer(HTTPStatus.CREATED, {"aliases_processed": count, "message": "success"})


ROUTES = (
    RestRoute(
        "POST",
        "/users/identify",
        Permission.USERS_IDENTIFY,
        rates.LIFECYCLE,
        "Give profiles that have none an external id.",
        _identify,
        {HTTPStatus.CREATED: _ALIASES_PROCESSED},
        body=load_rest_schema(Permission.USERS_IDENTIFY),
    ),
    RestRoute(
        "POST",
        "/users/merge",
        Permission.USERS_MERGE,
        rates.LIFECYCLE,
        "Let profiles go up in others.",
        _merge,
        {HTTPStatus.ACCEPTED: _QUEUED},
        body=load_rest_schema(Permission.USERS_MERGE),
    ),
    RestRoute(
        "POST",
        "/users/alias/new",
        Permission.USERS_ALIAS_NEW,
        rates.LIFECYCLE,
        "Give profiles aliases, or make profiles that have an alias alone.",
        _new_aliases,
        {HTTPStatus.CREATED: _ALIASES_PROCESSED},
        body=load_rest_schema(Permission.USERS_ALIAS_NEW),
    ),
    RestRoute(
        "POST",
        "/users/alias/update",
        Permission.USERS_ALIAS_UPDATE,
        rates.LIFECYCLE,
        "Give aliases another name.",
        _update_aliases,
        {HTTPStatus.CREATED: _ALIASES_PROCESSED},
        body=load_rest_schema(Permission.USERS_ALIAS_UPDATE),
    ),
    RestRoute(
        "POST",
        "/users/delete",
        Permission.USERS_DELETE,
        rates.LIFECYCLE,
        "Forget profiles, which one kind of identifier names; it cannot be taken back.",
        _delete,
        {HTTPStatus.CREATED: _DELETED},
        body=load_rest_schema(Permission.USERS_DELETE),
    ),
)
