"""Errors of Track users as its API tells them, beside ours: ``type``, ``input_array``, ``index``.

So whoever reads a delivery, or what a test run gave, finds in ``errors`` what a caller of the API we
speak is answered for the same objects (braze.md §2.1, *responses*).
"""

import re
from dataclasses import replace
from typing import Any

from transformer.delivery import Problem, problem_from_json
from transformer.operation import JsonObject, Kind
from transformer.writer.track import fault_of
from transformer.writer.wire import WIRE_TYPES, WireError, as_wire

_KINDS = {"attributes": Kind.ATTRIBUTES, "events": Kind.EVENT, "purchases": Kind.PURCHASE}
_PLACE = re.compile(r"(?:/(\d+))?(/(attributes|events|purchases)/)(\d+)(.*)", re.DOTALL)
# Later than any: a time in the future is no error.
_NOW = "9999-12-31T23:59:59.999Z"


def told_on_the_wire(described: JsonObject, output: Any) -> JsonObject:
    """Give an outcome or a delivery whose errors say what the API says of the same object.

    Args:
        described: a JSON object with ``errors``.
        output: where their pointers lead.
    """
    return described | {"errors": [_told(error, output) for error in described["errors"]]}


def _told(error: JsonObject, output: Any) -> JsonObject:
    wire = _wire_of(problem_from_json(error), output)
    return error if wire is None else error | wire


def _wire_of(problem: Problem, output: Any) -> WireError | None:
    """Write a problem as the API does; None where it is not one of an object of Track users."""
    match = _PLACE.fullmatch(problem.pointer)
    if match is None:
        return None
    body, prefix, array, index, field = match.groups()
    bodies = output if isinstance(output, list) else [output]
    if body is not None:
        # It counts within its body; the API knows no bodies but one.
        before = sum(len(_objects(one, array)) for one in bodies[: int(body)])
        objects = _objects(bodies[int(body)], array) if int(body) < len(bodies) else []
    else:
        before = 0
        objects = [described for one in bodies for described in _objects(one, array)]
    pointer = f"{prefix}{before + int(index)}"
    if problem.code in WIRE_TYPES:
        return as_wire(replace(problem, pointer=pointer + field))
    # What broke a schema is read once more, by the reader whose words the API has.
    described = objects[int(index)] if int(index) < len(objects) else None
    fault = (
        fault_of(described, kind=_KINDS[array], pointer=pointer, now=_NOW, blocked=frozenset())
        if isinstance(described, dict)
        else Problem("missing_identifier", "", pointer=pointer)
    )
    if fault is not None and fault.code in WIRE_TYPES:
        return as_wire(fault)
    return as_wire(Problem("invalid_identifier", "", pointer=pointer + (field or "/object")))


def _objects(body: Any, array: str) -> list[Any]:
    held = body.get(array) if isinstance(body, dict) else None
    return held if isinstance(held, list) else []
