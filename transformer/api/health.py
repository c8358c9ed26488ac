"""Liveness and readiness, for whatever supervises the process."""

from transformer.api.bodies import Schema, object_schema
from transformer.api.route import ApiCall, ApiRoute
from transformer.errors import Unavailable
from transformer.operation import JsonObject

_STATUS: Schema = object_schema(
    {"status": {"type": "string"}, "services": {"type": "array", "items": {"type": "string"}}},
    required=["status"],
)
_READINESS: Schema = object_schema(
    {
        **_STATUS["properties"],
        "processes": {
            "type": "object",
            "description": "by role, the processes that were heard of in the last ten seconds",
            "additionalProperties": {
                "type": "array",
                "items": object_schema(
                    {
                        "instance": {"type": "string"},
                        "age_s": {"type": "number"},
                        "busy_s": {"type": "number"},
                    },
                    required=["instance", "age_s", "busy_s"],
                ),
            },
        },
        "degraded": {
            "type": "array",
            "description": "what is not as it should be, while webhooks are still accepted",
            "items": object_schema(
                {"reason": {"type": "string"}, "detail": {"type": "string"}},
                required=["reason", "detail"],
            ),
        },
        "sandbox": {
            "type": "array",
            "description": "each layer of the sandbox, and whether it is in force on this machine",
            "items": object_schema(
                {
                    "layer": {"type": "string"},
                    "in_force": {"type": "boolean"},
                    "detail": {"type": "string"},
                },
                required=["layer", "in_force", "detail"],
            ),
        },
    },
    required=["status", "services", "processes", "degraded", "sandbox"],
)


def _live(_call: ApiCall) -> JsonObject:
    return {"status": "ok"}


def _ready(call: ApiCall) -> JsonObject:
    services = call.deps.ready()
    ailing = [f"{name}: {problem}" for name, problem in services if problem is not None]
    if ailing:
        raise Unavailable(
            f"Not ready: {'; '.join(ailing)}", hint="`transformer doctor` looks at each service."
        )
    layers = [
        {"layer": layer, "in_force": in_force, "detail": detail}
        for layer, in_force, detail in call.deps.layers()
    ]
    watched = call.deps.watched()
    processes: dict[str, list[JsonObject]] = {}
    for seen in watched.processes:
        processes.setdefault(seen.role, []).append(
            {
                "instance": seen.instance,
                "age_s": round(seen.age_s, 1),
                "busy_s": round(seen.busy_s, 1),
            }
        )
    return {
        "status": "ready",
        "services": [name for name, _ in services],
        "processes": processes,
        "degraded": [
            {"reason": complaint.reason, "detail": complaint.detail}
            for complaint in watched.degraded
        ],
        "sandbox": layers,
    }


ROUTES = (
    ApiRoute(
        "GET",
        "/healthz",
        "Say that the process answers.",
        _live,
        _STATUS,
        public=True,
        of_workspace=False,
    ),
    ApiRoute(
        "GET",
        "/readyz",
        "Say whether webhooks can be accepted, and what is not as it should be.",
        _ready,
        _READINESS,
        public=True,
        of_workspace=False,
    ),
)
