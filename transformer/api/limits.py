"""Routes of limits: how much a source and a workspace may send, and a workspace's share."""

from transformer.api.bodies import Schema, object_schema
from transformer.api.route import ApiCall, ApiRoute
from transformer.ids import SourceId, WorkspaceId
from transformer.limits import SourceLimits, WorkspaceLimits
from transformer.operation import JsonObject
from transformer.store.engine import reading, writing
from transformer.store.limits import (
    read_source_limits,
    read_workspace_limits,
    save_source_limits,
    save_workspace_limits,
)
from transformer.store.workspaces import check_workspace

_MOST = 2**31 - 1
_RATE: Schema = {
    "type": ["integer", "null"],
    "minimum": 0,
    "maximum": _MOST,
    "description": "webhooks a second; 0: any number; null: what the settings say",
}
_BACKLOG: Schema = {
    "type": ["integer", "null"],
    "minimum": 0,
    "maximum": _MOST,
    "description": "events that may wait for one transformation; 0: any number; null: what the "
    "settings say",
}
_WEIGHT: Schema = {
    "type": "integer",
    "minimum": 1,
    "maximum": 100,
    "description": "how many times as long as others its turns are, when others wait",
}
_OF_SOURCE = object_schema({"rate_per_s": _RATE}, required=["rate_per_s"])
_OF_WORKSPACE = object_schema(
    {"rate_per_s": _RATE, "backlog_limit": _BACKLOG, "weight": _WEIGHT},
    required=["rate_per_s", "backlog_limit", "weight"],
)


def _read_source(call: ApiCall) -> JsonObject:
    with reading(call.deps.engine) as connection:
        return _source_json(
            read_source_limits(
                connection, workspace_id=call.workspace_id, source_id=_source_of(call)
            )
        )


def _save_source(call: ApiCall) -> JsonObject:
    limits = SourceLimits(rate_per_s=call.body["rate_per_s"])
    with writing(call.deps.engine) as connection:
        save_source_limits(
            connection,
            workspace_id=call.workspace_id,
            source_id=_source_of(call),
            limits=limits,
        )
    call.deps.changed()
    return _source_json(limits)


def _read_workspace(call: ApiCall) -> JsonObject:
    workspace_id = _workspace_of(call)
    with reading(call.deps.engine) as connection:
        check_workspace(connection, workspace_id=workspace_id)
        return _workspace_json(read_workspace_limits(connection, workspace_id=workspace_id))


def _save_workspace(call: ApiCall) -> JsonObject:
    workspace_id = _workspace_of(call)
    limits = WorkspaceLimits(
        rate_per_s=call.body["rate_per_s"],
        backlog_limit=call.body["backlog_limit"],
        weight=call.body["weight"],
    )
    with writing(call.deps.engine) as connection:
        check_workspace(connection, workspace_id=workspace_id)
        save_workspace_limits(connection, workspace_id=workspace_id, limits=limits)
    call.deps.changed()
    return _workspace_json(limits)


def _source_of(call: ApiCall) -> SourceId:
    return SourceId(call.id("source_id", "src"))


def _workspace_of(call: ApiCall) -> WorkspaceId:
    return WorkspaceId(call.id("workspace_id", "wsp"))


def _source_json(limits: SourceLimits) -> JsonObject:
    return {"rate_per_s": limits.rate_per_s}


def _workspace_json(limits: WorkspaceLimits) -> JsonObject:
    return {
        "rate_per_s": limits.rate_per_s,
        "backlog_limit": limits.backlog_limit,
        "weight": limits.weight,
    }


_SOURCE = "/api/sources/{source_id}/limits"
_WORKSPACE = "/api/workspaces/{workspace_id}/limits"
ROUTES = (
    ApiRoute("GET", _SOURCE, "Read how much a source may send.", _read_source, _OF_SOURCE),
    ApiRoute(
        "PUT",
        _SOURCE,
        "Say how much a source may send.",
        _save_source,
        _OF_SOURCE,
        body=_OF_SOURCE,
    ),
    ApiRoute(
        "GET",
        _WORKSPACE,
        "Read how much a workspace may send, and its share.",
        _read_workspace,
        _OF_WORKSPACE,
        of_workspace=False,
    ),
    ApiRoute(
        "PUT",
        _WORKSPACE,
        "Say how much a workspace may send, and its share.",
        _save_workspace,
        _OF_WORKSPACE,
        body=_OF_WORKSPACE,
        of_workspace=False,
    ),
)
