"""``/users/export/ids``: profiles as the store has them (braze.md §2.4)."""

from collections.abc import Iterable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple

from transformer.api.bodies import Schema, object_schema
from transformer.api_key import Permission
from transformer.ids import WorkspaceId
from transformer.operation import JsonObject
from transformer.rest import errors, rates
from transformer.rest.route import Answer, RestCall, RestRoute
from transformer.schemas.reader import load_rest_schema
from transformer.store.engine import Connection
from transformer.store.profiles import find_profiles

MOST_IDS = 50
_TOO_MANY = "The max number of external_ids and aliases per request was exceeded"
_SINGLE = ("braze_id", "email_address", "phone", "device_id")
# What find_profiles calls them; of a device we know no profile.
_BY = {"braze_id": "braze_id", "email_address": "email", "phone": "phone"}


class _Wanted(NamedTuple):
    """One identifier: what to call it if nobody has it, and how to look for it."""

    shown: str
    by: dict[str, str] | None


async def _export(call: RestCall) -> Answer:
    fields = _read_fields(call.body)
    wanted = list(_read_wanted(call.body))
    users, unknown = await call.read(partial(_find, call.workspace_id, wanted))
    if fields is not None:
        users = [{name: user[name] for name in fields if name in user} for user in users]
    answer: JsonObject = {"message": "success", "users": users}
    if unknown:
        answer["invalid_user_ids"] = unknown
    return Answer(HTTPStatus.CREATED, answer)


def _read_fields(body: JsonObject) -> list[str] | None:
    """Read which fields are wanted; None: all."""
    if "fields_to_export" not in body:
        return None
    fields = body["fields_to_export"]
    if not isinstance(fields, list) or not all(isinstance(name, str) for name in fields):
        raise errors.bad_request("'fields_to_export' must be an array of strings")
    return fields


def _read_wanted(body: JsonObject) -> Iterator[_Wanted]:
    external_ids, aliases = _array(body, "external_ids"), _array(body, "user_aliases")
    singles = [name for name in _SINGLE if name in body]
    if len(external_ids) + len(aliases) > MOST_IDS:
        raise errors.bad_request(_TOO_MANY)
    if bool(external_ids or aliases) + len(singles) != 1:
        expected = ", ".join(f"'{name}'" for name in _SINGLE)
        raise errors.bad_request(
            f"Either 'external_ids' and 'user_aliases', or one of {expected} must be provided"
        )
    for external_id in external_ids:
        if not isinstance(external_id, str):
            raise errors.bad_request("'external_ids' must be an array of strings")
        yield _Wanted(external_id, {"external_id": external_id})
    for alias in aliases:
        name, label = _alias_parts(alias)
        yield _Wanted(name, {"alias_name": name, "alias_label": label})
    for single in singles:
        value = body[single]
        if not isinstance(value, str):
            raise errors.bad_request(f"'{single}' must be a string")
        yield _Wanted(value, {_BY[single]: value} if single in _BY else None)


def _array(body: JsonObject, name: str) -> list[Any]:
    if name not in body:
        return []
    held = body[name]
    if not isinstance(held, list) or not held:
        raise errors.bad_request(f"'{name}' must be an array that is not empty")
    return held


def _alias_parts(alias: Any) -> tuple[str, str]:
    if isinstance(alias, dict):
        name, label = alias.get("alias_name"), alias.get("alias_label")
        if isinstance(name, str) and isinstance(label, str):
            return name, label
    raise errors.bad_request(
        "'user_aliases' must be an array of objects with 'alias_name' and 'alias_label'"
    )


def _find(
    workspace_id: WorkspaceId, wanted: Iterable[_Wanted], connection: Connection
) -> tuple[list[JsonObject], list[str]]:
    """Give the profiles, each once, and the identifiers that nobody has."""
    users: dict[str, JsonObject] = {}
    unknown: list[str] = []
    for one in wanted:
        found = find_profiles(connection, workspace_id=workspace_id, **one.by) if one.by else []
        if not found:
            unknown.append(one.shown)
        users |= {user["braze_id"]: user for user in found}
    return list(users.values()), unknown


_TEXT: Schema = {"type": "string"}
ROUTES = (
    RestRoute(
        "POST",
        "/users/export/ids",
        Permission.USERS_EXPORT_IDS,
        rates.EXPORT_IDS,
        "Read profiles by their identifiers.",
        _export,
        {
            HTTPStatus.CREATED: object_schema(
                {
                    "message": {"const": "success"},
                    "users": {
                        "type": "array",
                        "items": {"type": "object"},
                        "description": "fields that are empty are left out",
                    },
                    "invalid_user_ids": {
                        "type": "array",
                        "items": _TEXT,
                        "description": "what nobody has: external ids, names of aliases, others",
                    },
                },
                required=["message", "users"],
            )
        },
        body=load_rest_schema(Permission.USERS_EXPORT_IDS),
    ),
)
