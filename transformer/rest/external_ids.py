"""Renaming external ids, and forgetting those that were renamed (braze.md §2.4).

These calls are answered when they are applied, with what became of each element: only the writer
knows whether an external id is free.
"""

from http import HTTPStatus
from typing import Any

from transformer.api.bodies import Schema, object_schema
from transformer.api_key import Permission
from transformer.delivery import Problem
from transformer.operation import JsonObject, Kind, Operation
from transformer.rest import errors, rates
from transformer.rest.elements import (
    MOST_ELEMENTS,
    TOO_MANY_IDS,
    as_sent,
    fault_of,
    named,
    objects_in,
)
from transformer.rest.route import Answer, RestCall, RestRoute
from transformer.rest.submission import Asked
from transformer.schemas.reader import load_rest_schema

_EXTERNAL_ID: Schema = {"type": "string", "minLength": 1, "maxLength": 987}
_ERRORS: Schema = {
    "type": "array",
    "description": "for each element that was not applied its index in the request, and why",
    "items": {
        "type": "array",
        "items": {"type": ["integer", "string"]},
        "minItems": 2,
        "maxItems": 2,
    },
}


async def _rename(call: RestCall) -> Answer:
    objects = objects_in(call.body, "external_id_renames", as_sent)
    done, failed = await _apply(call, "external_id_renames", Kind.RENAME, objects)
    return Answer(
        HTTPStatus.CREATED,
        {
            "message": "success",
            "external_ids": [described["new_external_id"] for described in done],
            "rename_errors": failed,
        },
    )


async def _remove(call: RestCall) -> Answer:
    objects = objects_in(call.body, "external_ids", named("external_id"))
    done, failed = await _apply(call, "external_ids", Kind.REMOVE, objects)
    return Answer(
        HTTPStatus.CREATED,
        {
            "message": "success",
            "removed_ids": [described["external_id"] for described in done],
            "removal_errors": failed,
        },
    )


async def _apply(
    call: RestCall, array: str, kind: Kind, objects: list[JsonObject]
) -> tuple[list[JsonObject], list[list[Any]]]:
    """Have elements applied; give those that were, and the index and fault of the others."""
    if len(objects) > MOST_ELEMENTS:
        raise errors.bad_request(TOO_MANY_IDS)
    operations: list[Operation] = []
    faults: dict[int, Problem] = {}
    for index, described in enumerate(objects):
        operation = Operation(kind, len(operations), described, (array, index))
        fault = fault_of(call, operation)
        if fault is None:
            operations.append(operation)
        else:
            faults[index] = fault
    done: list[JsonObject] = []
    if operations:
        outcome = await call.submit_and_wait(
            Asked(operations, list(faults.values()), output={array: objects})
        )
        done = [one.object for one in operations if one.position in outcome.applied]
        for problem in (*outcome.warnings, *outcome.errors):
            faults[int(problem.pointer.split("/")[2])] = problem
    return done, [[index, faults[index].message] for index in sorted(faults)]


ROUTES = (
    RestRoute(
        "POST",
        "/users/external_ids/rename",
        Permission.EXTERNAL_IDS_RENAME,
        rates.EXTERNAL_ID_RENAME,
        "Give profiles another external id; by the old one they are found still.",
        _rename,
        {
            HTTPStatus.CREATED: object_schema(
                {
                    "message": {"const": "success"},
                    "external_ids": {
                        "type": "array",
                        "items": _EXTERNAL_ID,
                        "description": "the new ones",
                    },
                    "rename_errors": _ERRORS,
                },
                required=["message", "external_ids", "rename_errors"],
            )
        },
        body=load_rest_schema(Permission.EXTERNAL_IDS_RENAME),
    ),
    RestRoute(
        "POST",
        "/users/external_ids/remove",
        Permission.EXTERNAL_IDS_REMOVE,
        rates.EXTERNAL_ID_REMOVE,
        "Forget external ids that profiles had before they were renamed.",
        _remove,
        {
            HTTPStatus.CREATED: object_schema(
                {
                    "message": {"const": "success"},
                    "removed_ids": {"type": "array", "items": _EXTERNAL_ID},
                    "removal_errors": _ERRORS,
                },
                required=["message", "removed_ids", "removal_errors"],
            )
        },
        body=load_rest_schema(Permission.EXTERNAL_IDS_REMOVE),
    ),
)
