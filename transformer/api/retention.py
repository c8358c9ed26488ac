"""Routes of what a workspace keeps: how long and how large its log, and what it holds now."""

from transformer.api.bodies import Schema, object_schema
from transformer.api.route import ApiCall, ApiRoute
from transformer.ids import WorkspaceId
from transformer.operation import JsonObject
from transformer.store.engine import reading, writing
from transformer.store.retention import (
    Retention,
    read_retention,
    read_usage,
    save_retention,
)
from transformer.store.workspaces import check_workspace

_MOST_DAYS = 36_500
_MOST_MB = 2**31 - 1
_COUNT: Schema = {"type": "integer", "minimum": 0}
_RETENTION = object_schema(
    {
        "days": {
            "type": ["integer", "null"],
            "minimum": 1,
            "maximum": _MOST_DAYS,
            "description": "age at which events and deliveries are removed; null: what the settings "
            "say",
        },
        "max_mb": {
            "type": ["integer", "null"],
            "minimum": 0,
            "maximum": _MOST_MB,
            "description": "size of the log at which the oldest are removed; 0: any size; null: "
            "what the settings say",
        },
    },
    required=["days", "max_mb"],
)
_USAGE = object_schema(
    {
        "deliveries": _COUNT,
        "bytes": {**_COUNT, "description": "of reports, headers and bodies in the log"},
        "oldest_accepted_at": {"type": ["string", "null"]},
        "profiles": _COUNT,
        "catalog_items": _COUNT,
    }
)


def _read(call: ApiCall) -> JsonObject:
    workspace_id = _workspace_of(call)
    with reading(call.deps.engine) as connection:
        check_workspace(connection, workspace_id=workspace_id)
        return _as_json(read_retention(connection, workspace_id=workspace_id))


def _save(call: ApiCall) -> JsonObject:
    workspace_id = _workspace_of(call)
    retention = Retention(days=call.body["days"], max_mb=call.body["max_mb"])
    with writing(call.deps.engine) as connection:
        check_workspace(connection, workspace_id=workspace_id)
        save_retention(connection, workspace_id=workspace_id, retention=retention)
    return _as_json(retention)


def _usage(call: ApiCall) -> JsonObject:
    workspace_id = _workspace_of(call)
    with reading(call.deps.engine) as connection:
        check_workspace(connection, workspace_id=workspace_id)
        return read_usage(connection, workspace_id=workspace_id)


def _workspace_of(call: ApiCall) -> WorkspaceId:
    return WorkspaceId(call.id("workspace_id", "wsp"))


def _as_json(retention: Retention) -> JsonObject:
    return {"days": retention.days, "max_mb": retention.max_mb}


_PATH = "/api/workspaces/{workspace_id}/retention"
ROUTES = (
    ApiRoute(
        "GET",
        _PATH,
        "Read how long and how large a workspace's log is kept.",
        _read,
        _RETENTION,
        of_workspace=False,
    ),
    ApiRoute(
        "PUT",
        _PATH,
        "Say how long and how large a workspace's log is kept.",
        _save,
        _RETENTION,
        body=_RETENTION,
        of_workspace=False,
    ),
    ApiRoute(
        "GET",
        "/api/workspaces/{workspace_id}/usage",
        "Say what a workspace holds: its log, profiles and catalog items.",
        _usage,
        _USAGE,
        of_workspace=False,
    ),
)
