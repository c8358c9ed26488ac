"""Checks what a transformation returned, and makes the operations it asks for.

What is wrong with a body as a whole, or with an item of a catalog, leaves nothing of the output to
apply; an object for *track users* that is wrong is refused by itself (:mod:`transformer.worker.judge`).

The shapes stand in :mod:`transformer.schemas` and nowhere else. Two validators read them: a
compiled one gives the verdict, which every event needs, and a slower one the errors, which only a
wrong output needs. ``tests/unit/test_check_agreement.py`` holds that they never disagree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import jsonschema_rs
import orjson

from transformer.delivery import Problem
from transformer.operation import Kind, Operation
from transformer.schemas.dropped import find_dropped
from transformer.schemas.explanation import CODE, Step, describe, explain, expression_of, pointer_to
from transformer.schemas.reader import Schema, load_schema
from transformer.schemas.recommended import PREFIX, RecommendedEvents
from transformer.schemas.validators import error_validator, verdict_validator
from transformer.transformation import Destination
from transformer.worker.judge import TrackJudge, without_right_fields

# 50 levels inside a value, which stands in an object in a list in a body. Without a bound, the JSON
# writer and the validators would each meet their own, in the middle of a batch.
MOST_LEVELS = 53

# More come out of a list that was multiplied by mistake, and would hold up everybody's writer.
MOST_OPERATIONS = 5_000

# A report tells the first of them: code can make tens of thousands out of two bytes.
MOST_PROBLEMS = 20

# Where something lies too deep, the list, the index and the field say enough.
_SHOWN_STEPS = 3

_TRACK_LISTS = (
    ("attributes", Kind.ATTRIBUTES),
    ("events", Kind.EVENT),
    ("purchases", Kind.PURCHASE),
)
_LISTS = (*(name for name, _ in _TRACK_LISTS), "items")
_CATALOG_KINDS = {
    Destination.CATALOG_PUT: Kind.CATALOG_PUT,
    Destination.CATALOG_PATCH: Kind.CATALOG_PATCH,
    Destination.CATALOG_DELETE: Kind.CATALOG_DELETE,
}
_DESTINATIONS = {destination.value: destination for destination in Destination}


# Not frozen, though nothing changes it: there is one for each event (see Outcome).
@dataclass(slots=True)
class Checked:
    """What an output asks for; no operations where none of them can be applied.

    ``refused`` are the positions of those that are not to be applied, for ``errors`` tell why. They
    keep their place among the others, so that each operation's key is the same once they are mended.
    """

    operations: tuple[Operation, ...] = ()
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    refused: tuple[int, ...] = ()


class _Found:
    """What is known of an output so far.

    No dataclass: there is one for each event, and that takes twice as long to make.
    """

    __slots__ = ("errors", "is_void", "operations", "refused", "warnings")

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []
        self.refused: list[int] = []
        self.is_void = False  # nothing of it can be applied

    def fail(self, problems: Iterable[Problem]) -> None:
        self.is_void = True
        self.errors.extend(problems)

    def as_checked(self) -> Checked:
        if not self.errors:
            return Checked(tuple(self.operations), warnings=_first(self.warnings))
        if self.is_void or len(self.refused) == len(self.operations):
            return Checked(errors=_first(self.errors))
        return Checked(
            tuple(self.operations),
            _first(self.errors),
            _first(self.warnings),
            tuple(self.refused),
        )


class Checker:
    """Holds the schemas, compiled once."""

    def __init__(self) -> None:
        schemas: Mapping[Destination, Schema] = {
            destination: load_schema(destination) for destination in Destination
        }
        self._verdicts = {
            destination: verdict_validator(schema) for destination, schema in schemas.items()
        }
        self._finders = {
            destination: error_validator(schema) for destination, schema in schemas.items()
        }
        self._judge = TrackJudge(schemas[Destination.TRACK])
        self._recommended = RecommendedEvents()

    def read(self, destination: Destination, text: bytes) -> tuple[Any, Checked]:
        """Parse and judge an output as the sandbox gives it.

        The output is None where it could not be parsed, or could not be written again because it is
        nested too deeply: half of a surrogate pair and a thousand levels are JSON to JavaScript.
        """
        try:
            output = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            return None, Checked(errors=(_unreadable(error),))
        # Most outputs have fewer brackets than levels or operations are allowed, and need no walk.
        objects = text.count(b"{")
        shallow = objects + text.count(b"[") <= MOST_LEVELS
        if not shallow and is_deeper_than(output, MOST_LEVELS + 1):
            return None, Checked(errors=(_too_deep(output, ()),))
        if objects > MOST_OPERATIONS and (found := _count(output)) > MOST_OPERATIONS:
            return output, Checked(errors=(_too_many(found),))
        return output, self._check(destination, output, shallow=shallow)

    def check(self, destination: Destination, output: Any) -> Checked:
        """Judge an output, and take it apart into operations.

        Args:
            destination: what the transformation's output is for.
            output: what the code returned, as orjson parses it: one body, or an array of bodies,
                of which each may name another destination. None asks for nothing.
        """
        found = _count(output)
        if found > MOST_OPERATIONS:
            return Checked(errors=(_too_many(found),))
        return self._check(destination, output, shallow=False)

    def _check(self, destination: Destination, output: Any, *, shallow: bool) -> Checked:
        if output is None:
            return Checked()
        bodies = output if isinstance(output, list) else [output]
        found = _Found()
        for index, body in enumerate(bodies):
            place: tuple[Step, ...] = (index,) if bodies is output else ()
            chosen = _chosen_destination(body, destination)
            if chosen is None:
                found.fail([_unknown_destination(body, place)])
            elif not shallow and is_deeper_than(body, MOST_LEVELS):
                found.fail([_too_deep(body, place)])
            elif self._verdicts[chosen].is_valid(body):
                if not found.is_void:
                    self._take_apart(chosen, body, place, found)
            elif chosen is Destination.TRACK and self._judge.has_lists(body):
                self._judge_objects(body, place, found)
            else:
                found.fail(self._explained(chosen, body, place))
            if len(found.errors) > MOST_PROBLEMS and found.is_void:
                break
        return found.as_checked()

    def _explained(
        self, destination: Destination, body: Any, place: tuple[Step, ...]
    ) -> list[Problem]:
        verdict = self._verdicts[destination]
        looked_at = without_right_fields(verdict, body) if destination in _CATALOG_KINDS else body
        problems = explain(self._finders[destination].iter_errors(looked_at), place=place)
        return problems or [_unexplained(verdict, body, place)]

    def _take_apart(
        self, destination: Destination, body: dict[str, Any], place: tuple[Step, ...], found: _Found
    ) -> None:
        if destination is not Destination.TRACK:
            _take_items_apart(_CATALOG_KINDS[destination], body, place, found)
            return
        operations, warnings = found.operations, found.warnings
        for name, kind in _TRACK_LISTS:
            for index, described in enumerate(body.get(name, ())):
                steps = (*place, name, index)
                operations.append(Operation(kind, len(operations), described, steps))
                # As in _warn, which would be one call more for each object.
                _add_warnings(warnings, find_dropped(kind, described, steps))
                if kind is Kind.EVENT and described["name"].startswith(PREFIX):
                    _add_warnings(warnings, self._recommended.find_misfits(described, steps))

    def _judge_objects(self, body: dict[str, Any], place: tuple[Step, ...], found: _Found) -> None:
        """Take apart a body in which some object is wrong: refuse those, and keep the others."""
        if (
            count := _count(body)
        ) > MOST_OPERATIONS:  # where they are no objects, read lets them by
            found.fail([_too_many(count)])
            return
        judge, operations = self._judge, found.operations
        for name, kind in _TRACK_LISTS:
            for index, described in enumerate(body.get(name, ())):
                steps = (*place, name, index)
                operation = Operation(kind, len(operations), described, steps)
                operations.append(operation)
                if judge.fits(kind, described):
                    self._warn(kind, described, steps, found.warnings)
                elif judge.refuses(kind, described):
                    found.refused.append(operation.position)
                    if len(found.errors) <= MOST_PROBLEMS:
                        found.errors.extend(judge.why_refused(kind, described, steps))
                elif len(found.warnings) <= MOST_PROBLEMS:
                    _add_warnings(found.warnings, judge.lost_of(kind, described, steps))
                    self._warn(kind, described, steps, found.warnings)

    def _warn(
        self,
        kind: Kind,
        described: dict[str, Any],
        steps: tuple[Step, ...],
        warnings: list[Problem],
    ) -> None:
        _add_warnings(warnings, find_dropped(kind, described, steps))
        if kind is Kind.EVENT and described["name"].startswith(PREFIX):
            _add_warnings(warnings, self._recommended.find_misfits(described, steps))


def _chosen_destination(body: Any, default: Destination) -> Destination | None:
    if not isinstance(body, dict) or "destination" not in body:
        return default
    named = body["destination"]
    return _DESTINATIONS.get(named) if isinstance(named, str) else None


def _unknown_destination(body: dict[str, Any], place: tuple[Step, ...]) -> Problem:
    steps = (*place, "destination")
    named = body["destination"]
    nearest = get_close_matches(str(named), _DESTINATIONS, n=1)
    return Problem(
        code=CODE,
        message=f"{expression_of(steps)} is {describe(named)}, but must be one of "
        f"{', '.join(_DESTINATIONS)}.",
        hint=f"Did you mean {nearest[0]}?"
        if nearest
        else "Leave destination out to use the transformation's own.",
        pointer=pointer_to(steps),
    )


def _take_items_apart(
    kind: Kind, body: dict[str, Any], place: tuple[Step, ...], found: _Found
) -> None:
    operations, warnings = found.operations, found.warnings
    catalog_name = body["catalog_name"]
    ids: set[str] = set()
    for index, item in enumerate(body["items"]):
        steps = (*place, "items", index)
        operations.append(Operation(kind, len(operations), item, steps, catalog_name))
        _add_warnings(warnings, find_dropped(kind, item, steps))
        if item["id"] in ids:
            _add_warnings(warnings, [_given_twice(item["id"], steps)])
        ids.add(item["id"])


def _add_warnings(warnings: list[Problem], found: Iterable[Problem]) -> None:
    """Add what there is room for, and one more, so that it shows that there were more."""
    for problem in found:
        if len(warnings) > MOST_PROBLEMS:
            return
        warnings.append(problem)


def _first(problems: list[Problem]) -> tuple[Problem, ...]:
    if len(problems) <= MOST_PROBLEMS:
        return tuple(problems)
    rest = replace(
        problems[MOST_PROBLEMS],
        message=f"There are more than these {MOST_PROBLEMS}.",
        hint="Mend these first.",
    )
    return (*problems[:MOST_PROBLEMS], rest)


def _count(output: Any) -> int:
    """Count the operations that an output asks for, valid or not."""
    bodies = output if isinstance(output, list) else [output]
    return sum(
        len(held)
        for body in bodies
        if isinstance(body, dict)
        for name in _LISTS
        if isinstance(held := body.get(name), list)
    )


def is_deeper_than(value: Any, levels: int) -> bool:
    """Say whether a JSON value is nested more than so many levels deep."""
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for inner in held:
        kind = type(inner)
        if (kind is dict or kind is list) and (levels == 1 or is_deeper_than(inner, levels - 1)):
            return True
    return False


def _unreadable(error: orjson.JSONDecodeError) -> Problem:
    if "surrogate" in error.msg:
        return Problem(
            code=CODE,
            message="The output holds a text with half of a character in it.",
            hint='Text was cut inside an emoji: cut with [...text].slice(0, n).join("") instead.',
        )
    if "depth" in error.msg:
        return _too_deep(None, ())
    return Problem(code=CODE, message=f"The output is not JSON that can be stored: {error.msg}.")


def _too_deep(value: Any, place: tuple[Step, ...]) -> Problem:
    steps = (*place, *_way_down(value, MOST_LEVELS)[:_SHOWN_STEPS])
    return Problem(
        code="output_too_deep",
        message=f"{expression_of(steps)} is nested too deeply: an output may have at most "
        f"{MOST_LEVELS} levels.",
        hint="Pick the fields you need from the payload instead of copying it whole.",
        pointer=pointer_to(steps),
    )


def _way_down(value: Any, levels: int) -> tuple[Step, ...]:
    """Find the steps to what is deeper than so many levels; empty where nothing is."""
    held: Iterable[tuple[Step, Any]] = ()
    if isinstance(value, dict):
        held = value.items()
    elif isinstance(value, list):
        held = enumerate(value)
    for step, inner in held:
        if isinstance(inner, dict | list):
            way = (step,) if levels == 1 else _way_down(inner, levels - 1)
            if way:
                return way if levels == 1 else (step, *way)
    return ()


def _too_many(found: int) -> Problem:
    return Problem(
        code="too_many_operations",
        message=f"The output asks for {found:,} operations, but one event may ask for at most "
        f"{MOST_OPERATIONS:,}.",
        hint="Return only the objects that change: filter the list, or let the sender split the "
        "webhook.",
    )


def _given_twice(item_id: str, steps: tuple[Step, ...]) -> Problem:
    return Problem(
        code="repeated_item",
        message=f'{expression_of(steps)} has the id "{item_id}" of an item before it.',
        hint="Both are applied, in order; a real Braze cluster refuses such a list.",
        pointer=pointer_to(steps),
    )


def _unexplained(
    verdict: jsonschema_rs.Draft202012Validator, body: Any, place: tuple[Step, ...]
) -> Problem:
    # Unreachable while the validators agree; if they ever do not, the verdict stands.
    error = next(iter(verdict.iter_errors(body)))
    steps = (*place, *error.instance_path)
    return Problem(
        code=CODE,
        message=f"{expression_of(steps)} does not fit the destination's schema: {error.message}.",
        pointer=pointer_to(steps),
    )
