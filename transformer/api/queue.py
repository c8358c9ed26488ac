"""The route that shows how long webhooks wait."""

from transformer.api.bodies import object_schema
from transformer.api.route import ApiCall, ApiRoute
from transformer.operation import JsonObject


def _read(call: ApiCall) -> JsonObject:
    return {
        "waiting": [
            {
                "stage": "write" if delay.transformation_id is None else "transform",
                "transformation_id": delay.transformation_id,
                "entries": delay.waiting,
                "delay_s": round(delay.oldest_s, 3),
            }
            for delay in call.deps.delays(call.workspace_id)
        ]
    }


ROUTES = (
    ApiRoute(
        "GET",
        "/api/queue",
        "Show what waits, for which stage, and since when, the longest delay first.",
        _read,
        object_schema(
            {
                "waiting": {
                    "type": "array",
                    "items": object_schema(
                        {
                            "stage": {"enum": ["transform", "write"]},
                            "transformation_id": {"type": ["string", "null"]},
                            "entries": {
                                "type": "integer",
                                "description": "events; before the writer, batches of them",
                            },
                            "delay_s": {
                                "type": "number",
                                "description": "how long the oldest has waited",
                            },
                        },
                        required=["stage", "transformation_id", "entries", "delay_s"],
                    ),
                }
            },
            required=["waiting"],
        ),
    ),
)
