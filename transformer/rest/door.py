"""Looks at the objects of Track users at the door, with the writer's own readers.

What the writer would reject whichever profile it met is told to the caller at once; what depends on
the profile, such as an increment of a text, stands in the delivery log.
"""

from dataclasses import dataclass, field
from typing import Any

from transformer.clock import to_text
from transformer.delivery import Problem
from transformer.operation import Kind, Operation
from transformer.rest import errors
from transformer.rest.route import RestCall
from transformer.writer.identity import shown
from transformer.writer.track import fault_of

ARRAYS: dict[str, Kind] = {
    "attributes": Kind.ATTRIBUTES,
    "events": Kind.EVENT,
    "purchases": Kind.PURCHASE,
}


@dataclass(slots=True)
class Checked:
    """What a body asks for: its valid objects, how many of them by array that was sent, and errors."""

    operations: list[Operation] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    errors: list[Problem] = field(default_factory=list)


def check_objects(call: RestCall, *, most: int) -> Checked | None:
    """Check the objects of a call's body; None where there are more than ``most``.

    Raises:
        Refused: 400, one of the arrays is none.
    """
    arrays = {name: call.body[name] for name in ARRAYS if call.body.get(name) is not None}
    for name, objects in arrays.items():
        if not isinstance(objects, list):
            raise errors.bad_request(f"'{name}' must be an array of objects")
    if sum(map(len, arrays.values())) > most:
        return None
    checked = Checked()
    now = to_text(call.clock.now())
    for name, objects in arrays.items():
        before = len(checked.operations)
        for index, described in enumerate(objects):
            _check(checked, call, name, index, described, now=now)
        checked.counts[name] = len(checked.operations) - before
    return checked


def _check(
    checked: Checked, call: RestCall, array: str, index: int, described: Any, *, now: str
) -> None:
    pointer = f"/{array}/{index}"
    if not isinstance(described, dict):
        checked.errors.append(
            Problem(
                "missing_identifier",
                f"The element is {shown(described)}; an object was expected.",
                pointer=pointer,
            )
        )
        return
    kind = ARRAYS[array]
    fault = fault_of(
        described, kind=kind, pointer=pointer, now=now, blocked=call.blocked_external_ids
    )
    if fault is not None:
        checked.errors.append(fault)
        return
    position = len(checked.operations)
    checked.operations.append(Operation(kind, position, described, (array, index)))
