"""What a case should give, and how an outcome differs from it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from transformer.delivery import Outcome, Problem, Verdict

_MOST_DIFFERENCES = 20
_SHOWN_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Expected:
    """What a case should give.

    Args:
        verdict: None where ``expected.json`` is not written yet.
        output: what the code returns, exactly; compared only if ``has_output``.
        errors: for each error in order the keys that must match exactly.
    """

    verdict: Verdict | None = None
    output: Any = None
    has_output: bool = False
    errors: tuple[Mapping[str, Any], ...] = ()


def compare(expected: Expected, outcome: Outcome) -> list[str]:
    """Say in sentences how an outcome differs from what was expected; empty if it does not."""
    if expected.verdict is None:
        return ["expected.json is missing: write what should become of the payload."]
    if outcome.verdict is not expected.verdict:
        sentence = f"The outcome is {outcome.verdict}, but {expected.verdict} was expected."
        return [sentence, *(f"{error.code}: {error.message}" for error in outcome.errors)]
    differences = list(_differing_errors(expected, outcome))
    if expected.has_output:
        differences += _differing_values("output", expected.output, outcome.output)
    if len(differences) > _MOST_DIFFERENCES:
        more = len(differences) - _MOST_DIFFERENCES
        differences[_MOST_DIFFERENCES:] = [f"{more} more differences are not shown."]
    return differences


def expected_of(outcome: Outcome) -> bytes:
    """Write the ``expected.json`` that this outcome would match."""
    expected: dict[str, Any] = {"outcome": outcome.verdict.value}
    match outcome.verdict:
        case Verdict.OK:
            expected["output"] = outcome.output
        case Verdict.SKIPPED:
            pass
        case Verdict.FAILED:
            expected["errors"] = [
                {"code": error.code, "message": error.message} for error in outcome.errors
            ]
    return orjson.dumps(expected, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _differing_errors(expected: Expected, outcome: Outcome) -> Iterator[str]:
    if not expected.errors:
        return
    if len(outcome.errors) != len(expected.errors):
        yield f"There are {len(outcome.errors)} errors, but {len(expected.errors)} were expected."
    for index, (wanted, error) in enumerate(zip(expected.errors, outcome.errors, strict=False)):
        yield from _differing_error(f"errors[{index}]", wanted, error)


def _differing_error(place: str, wanted: Mapping[str, Any], error: Problem) -> Iterator[str]:
    found = error.as_json()
    for key, value in wanted.items():
        yield from _differing_values(f"{place}.{key}", value, found.get(key))


def _differing_values(place: str, wanted: Any, found: Any) -> Iterator[str]:
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key in wanted | found:
            yield from _differing_members(f"{place}.{key}", wanted, found, key)
    elif isinstance(wanted, list) and isinstance(found, list):
        for index, (one, other) in enumerate(zip(wanted, found, strict=False)):
            yield from _differing_values(f"{place}[{index}]", one, other)
        if len(wanted) != len(found):
            yield f"{place} has {len(found)} elements, but {len(wanted)} were expected."
    # True equals 1 to Python, and to nobody else.
    elif wanted != found or isinstance(wanted, bool) is not isinstance(found, bool):
        yield f"{place} is {_shown(found)}, but {_shown(wanted)} was expected."


def _differing_members(
    place: str, wanted: dict[str, Any], found: dict[str, Any], key: str
) -> Iterator[str]:
    if key not in found:
        yield f"{place} is missing, but {_shown(wanted[key])} was expected."
    elif key not in wanted:
        yield f"{place} is {_shown(found[key])}, but was not expected."
    else:
        yield from _differing_values(place, wanted[key], found[key])


def _shown(value: object) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
