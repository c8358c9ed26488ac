"""A delivery: one event on its way through one revision, and what became of it.

An :class:`Outcome` is a value, never an exception: the author's code failing is an ordinary answer
that the log shows beside the successes.

Only a retry changes a state that stands in the log, and only ``failed``. ``captured`` is where a
webhook waits that came before its transformation was published; a replay makes a new delivery of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from transformer.operation import Operation


class State(StrEnum):
    """Where a delivery stands."""

    APPLIED = "applied"
    SKIPPED = "skipped"
    FAILED = "failed"
    CAPTURED = "captured"


class Trigger(StrEnum):
    """Why the last attempt of a delivery was made: by itself, or because a person asked for it."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


class Verdict(StrEnum):
    """How transforming ended: the ``outcome`` of the command line and the API."""

    OK = "ok"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a run, told to the code's author.

    Every ``code`` is listed in transformer/README.md, with what to do about it. ``pointer`` is a place
    in the output; line, column and ``source_line`` are one in the code.
    """

    code: str
    message: str
    hint: str = ""
    pointer: str = ""
    line: int | None = None
    column: int | None = None
    source_line: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give the shape of ``run --json``."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "pointer": self.pointer,
            "line": self.line,
            "column": self.column,
            "source_line": self.source_line,
        }


def problem_from_json(described: dict[str, Any]) -> Problem:
    """Read what :meth:`Problem.as_json` wrote."""
    return Problem(
        code=described["code"],
        message=described["message"],
        hint=described.get("hint", ""),
        pointer=described.get("pointer", ""),
        line=described.get("line"),
        column=described.get("column"),
        source_line=described.get("source_line", ""),
    )


@dataclass(frozen=True, slots=True)
class ConsoleLine:
    """One line that the code wrote with ``console``."""

    level: str
    text: str

    def as_json(self) -> dict[str, str]:
        """Give the shape of ``run --json``."""
        return {"level": self.level, "text": self.text}


# Not frozen, though nothing changes it: a frozen one takes three times as long to make, for each event.
@dataclass(slots=True)
class Outcome:
    """What transforming one event gave.

    ``output`` is what the code returned, as parsed JSON; None when it returned nothing or failed
    before it could return. ``operations`` is empty unless ``verdict`` is ok; then ``errors`` tell why
    those at the positions ``refused`` are not to be applied, as an API that takes the rest tells it.
    """

    verdict: Verdict
    output: Any = None
    operations: tuple[Operation, ...] = ()
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    console: tuple[ConsoleLine, ...] = ()
    duration_us: int = 0
    refused: tuple[int, ...] = ()

    def accepted(self) -> Sequence[Operation]:
        """Give the operations that are to be applied."""
        if not self.refused:
            return self.operations
        return [one for one in self.operations if one.position not in self.refused]

    def as_json(self) -> dict[str, Any]:
        """Give the shape of ``run --json``."""
        return {
            "outcome": self.verdict.value,
            "output": self.output,
            "operations": [operation.as_json() for operation in self.accepted()],
            "errors": [problem.as_json() for problem in self.errors],
            "warnings": [problem.as_json() for problem in self.warnings],
            "console": [line.as_json() for line in self.console],
            "duration_us": self.duration_us,
        }

    def remarks(self) -> dict[str, Any]:
        """Give errors, warnings and console as :meth:`as_json` does, and what is refused.

        Only those that there are.
        """
        told: dict[str, Any] = {}
        if self.errors:
            told["errors"] = [problem.as_json() for problem in self.errors]
        if self.warnings:
            told["warnings"] = [problem.as_json() for problem in self.warnings]
        if self.console:
            told["console"] = [line.as_json() for line in self.console]
        if self.refused:
            told["refused"] = self.refused
        return told
