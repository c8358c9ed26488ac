"""Arrays of elements that each ask for one change of who a profile is (braze.md §2.4).

A call whose array holds one that cannot be read is refused as a whole, before anything is changed: of
these calls, unlike of Track users, no partial success is documented.
"""

from collections.abc import Callable, Sequence
from typing import Any

from transformer.delivery import Problem
from transformer.operation import JsonObject, Kind, Operation
from transformer.rest import errors
from transformer.rest.route import RestCall
from transformer.rest.submission import Asked
from transformer.writer.lifecycle_requests import read_request

MOST_ELEMENTS = 50
TOO_MANY_IDS = "The max number of ids per request was exceeded"


def as_sent(element: Any) -> JsonObject | None:
    """Give an element as an operation's object; None where it is no object."""
    return element if isinstance(element, dict) else None


def named(name: str) -> Callable[[Any], JsonObject | None]:
    """Give what makes an operation's object of an element that is the value of one identifier."""

    def wrap(element: Any) -> JsonObject | None:
        return {name: element}

    return wrap


def read_arrays(
    call: RestCall,
    kinds: Sequence[tuple[str, Kind, Callable[[Any], JsonObject | None]]],
    *,
    unreadable: str = "",
) -> Asked:
    """Read the elements of some arrays of a body, all of them or none.

    Args:
        call: the call.
        kinds: the arrays by name; what an element asks for; how it becomes an operation's object.
        unreadable: the text for an element that cannot be read; empty: what is wrong with it.

    Raises:
        Refused: 400, an array is none or is not there, an element cannot be read, or there are too
            many.
    """
    output: JsonObject = {}
    operations: list[Operation] = []
    for array, kind, as_object in kinds:
        if array not in call.body:
            continue
        objects = objects_in(call.body, array, as_object)
        output[array] = objects
        for index, described in enumerate(objects):
            operations.append(Operation(kind, len(operations), described, (array, index)))
    if not operations:
        arrays = " or ".join(f"'{array}'" for array, _, _ in kinds)
        raise errors.bad_request(f"{arrays} must be an array of objects")
    if len(operations) > MOST_ELEMENTS:
        raise errors.bad_request(TOO_MANY_IDS)
    for operation in operations:
        fault = fault_of(call, operation)
        if fault is not None:
            raise errors.bad_request(unreadable or f"{_place(operation)}: {fault.message}")
    return Asked(operations, output=output)


def objects_in(
    body: JsonObject, array: str, as_object: Callable[[Any], JsonObject | None]
) -> list[JsonObject]:
    """Give the elements of an array as the objects of operations.

    Raises:
        Refused: 400, it is no array, an empty one, or one of its elements no object.
    """
    elements = body.get(array)
    if isinstance(elements, list) and elements:
        objects = [as_object(element) for element in elements]
        valid = [described for described in objects if described is not None]
        if len(valid) == len(objects):
            return valid
    raise errors.bad_request(f"'{array}' must be an array of objects")


def fault_of(call: RestCall, operation: Operation) -> Problem | None:
    """Say why an element will be rejected whichever profiles there are."""
    array, index = operation.path
    request = read_request(
        operation.kind,
        operation.object,
        pointer=f"/{array}/{index}",
        blocked=call.blocked_external_ids,
    )
    return request if isinstance(request, Problem) else None


def _place(operation: Operation) -> str:
    array, index = operation.path
    return f"{array}[{index}]"
