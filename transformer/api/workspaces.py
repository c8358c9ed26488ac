"""Routes of workspaces and of their sources."""

from transformer.api.bodies import id_schema, object_schema
from transformer.api.route import ApiCall, ApiRoute
from transformer.operation import JsonObject
from transformer.store.engine import reading
from transformer.store.sources import list_sources
from transformer.store.workspaces import list_workspaces


def _list_workspaces(call: ApiCall) -> JsonObject:
    with reading(call.deps.engine) as connection:
        workspaces = list_workspaces(connection)
    return {
        "workspaces": [{"id": workspace.id, "name": workspace.name} for workspace in workspaces]
    }


def _list_sources(call: ApiCall) -> JsonObject:
    with reading(call.deps.engine) as connection:
        sources = list_sources(connection, workspace_id=call.workspace_id)
    return {
        "sources": [
            {"id": source.id, "name": source.name, "url": f"{call.base_url}/in/{source.token}"}
            for source in sources
        ]
    }


ROUTES = (
    ApiRoute(
        "GET",
        "/api/workspaces",
        "List the workspaces.",
        _list_workspaces,
        object_schema(
            {
                "workspaces": {
                    "type": "array",
                    "items": object_schema({"id": id_schema("wsp"), "name": {"type": "string"}}),
                }
            }
        ),
        of_workspace=False,
    ),
    ApiRoute(
        "GET",
        "/api/sources",
        "List the sources.",
        _list_sources,
        object_schema(
            {
                "sources": {
                    "type": "array",
                    "items": object_schema(
                        {
                            "id": id_schema("src"),
                            "name": {"type": "string"},
                            "url": {"type": "string"},
                        }
                    ),
                }
            }
        ),
    ),
)
