"""Transforms a batch: runs it in the sandbox and turns each result into an outcome.

The only place that knows both what the sandbox answers and what the author of the code is told.
"""

import time
from collections.abc import Callable, Sequence

from sandbox import (
    Call,
    ConsoleText,
    Died,
    GuestUnavailable,
    Limits,
    NotJson,
    OutOfMemory,
    OutputTooLarge,
    Program,
    Result,
    Returned,
    SandboxPool,
    SyntaxInvalid,
    Threw,
    TimedOut,
)
from transformer.delivery import ConsoleLine, Outcome, Problem, Verdict
from transformer.errors import SandboxUnavailable
from transformer.excerpt import Excerpt, excerpt_of
from transformer.transformation import Destination
from transformer.worker.check import Checker
from transformer.worker.hints import hint_for_syntax, hint_for_thrown
from transformer.worker.misfits import lost_problem, refusal_problem


class Transformer:
    """Runs code over events; writes nothing.

    Args:
        pool: where the code runs.
        checker: holds what it returns against the destination's schema.
        timed: is told of each batch how long it ran and how long its results were checked, in
            seconds.
    """

    def __init__(
        self,
        pool: SandboxPool,
        checker: Checker,
        *,
        timed: Callable[[float, float], None] | None = None,
    ) -> None:
        self._pool = pool
        self._timed = timed
        self._checker = checker

    def run(
        self,
        owner: str,
        program: Program,
        destination: Destination,
        calls: Sequence[Call],
        *,
        limits: Limits | None = None,
    ) -> list[Outcome]:
        """Transform events in order; gives the outcomes of a non-empty prefix of them.

        Fewer than given when the sandbox's slice ended: the caller comes again with the rest.

        Raises:
            SandboxUnavailable: no guest process could be started.
        """
        started = time.perf_counter()
        try:
            results = self._pool.run(owner, program, calls, limits=limits)
        except GuestUnavailable as error:
            raise SandboxUnavailable(str(error)) from error
        ran = time.perf_counter()
        outcomes = [self._outcome(result, destination, program.code) for result in results]
        if self._timed is not None:
            self._timed(ran - started, time.perf_counter() - ran)
        return outcomes

    def run_all(
        self, owner: str, program: Program, destination: Destination, calls: Sequence[Call]
    ) -> list[Outcome]:
        """Transform events in order, however long it takes."""
        outcomes: list[Outcome] = []
        while len(outcomes) < len(calls):
            outcomes += self.run(owner, program, destination, calls[len(outcomes) :])
        return outcomes

    def check(self, owner: str, program: Program) -> Problem | None:
        """Compile code without running it; tells what is wrong with its syntax."""
        try:
            invalid = self._pool.check(owner, program)
        except GuestUnavailable as error:
            raise SandboxUnavailable(str(error)) from error
        return None if invalid is None else _syntax_problem(invalid, program.code)

    def _outcome(  # noqa: PLR0911 - one return a kind of result
        self, result: Result, destination: Destination, code: str
    ) -> Outcome:
        match result:
            case Returned(output=None):
                return Outcome(
                    verdict=Verdict.SKIPPED,
                    console=_lines(result.console),
                    duration_us=result.duration_us,
                )
            case Returned():
                return self._checked(result, destination)
            case Threw():
                return _failed(
                    _thrown_problem(result, code),
                    console=_lines(result.console),
                    duration_us=result.duration_us,
                )
            case SyntaxInvalid():
                return _failed(_syntax_problem(result, code))
            case TimedOut():
                return _failed(_timeout_problem(result), console=_lines(result.console))
            case OutOfMemory():
                return _failed(
                    Problem(
                        code="out_of_memory",
                        message=f"The code needed more than {result.limit_mb} MB of memory.",
                        hint="Look for a loop that grows an array or a text without an end, or a "
                        "very large new Array(n), ArrayBuffer or repeat(n).",
                    )
                )
            case OutputTooLarge():
                return _failed(
                    Problem(
                        code="output_too_large",
                        message=f"The code returned {result.size_bytes:,} bytes of JSON, but at most "
                        f"{result.limit_bytes:,} are taken.",
                        hint="Return only the fields that should change, not the whole payload.",
                    ),
                    console=_lines(result.console),
                )
            case NotJson():
                return _failed(refusal_problem(result), console=_lines(result.console))
            case Died():
                return _failed(
                    Problem(
                        code="died",
                        message=f"The code ended its sandbox. {result.description}",
                        hint="Simplify what the code does with this payload; the event is kept.",
                    )
                )

    def _checked(self, result: Returned, destination: Destination) -> Outcome:
        output, checked = self._checker.read(destination, result.output or b"null")
        return Outcome(
            verdict=Verdict.FAILED if checked.errors and not checked.operations else Verdict.OK,
            output=output,
            operations=checked.operations,
            errors=checked.errors,
            warnings=(*checked.warnings, *map(lost_problem, result.lost)),
            console=_lines(result.console),
            duration_us=result.duration_us,
            refused=checked.refused,
        )


def _syntax_problem(invalid: SyntaxInvalid, code: str) -> Problem:
    """Tell the author where the code stops being JavaScript."""
    excerpt = excerpt_of(code, line=invalid.line, column=invalid.column) or Excerpt("", 0)
    return Problem(
        code="syntax_error",
        message=invalid.message,
        hint=hint_for_syntax(invalid.message, excerpt),
        line=invalid.line,
        column=invalid.column,
        source_line=excerpt.text,
    )


def _thrown_problem(result: Threw, code: str) -> Problem:
    place = (
        excerpt_of(code, line=result.line, column=result.column)
        if result.line is not None
        else None
    )
    source_line = place.text if place else ""
    hint = hint_for_thrown(result.message, source_line)
    return Problem(
        code="threw",
        message=result.message,
        hint=hint or "The code threw this error itself, or used a value that is not there.",
        line=result.line,
        column=result.column,
        source_line=source_line,
    )


def _timeout_problem(result: TimedOut) -> Problem:
    if result.never_settled:
        return Problem(
            code="timed_out",
            message="The code waits for a promise that can never settle.",
            hint="There are no timers and no network here: await only what the code computes.",
        )
    return Problem(
        code="timed_out",
        message=f"The code ran for more than {result.limit_ms:,} ms and was stopped.",
        hint="Look for a loop that does not end, or a regular expression that backtracks.",
    )


def _failed(
    problem: Problem, *, console: tuple[ConsoleLine, ...] = (), duration_us: int = 0
) -> Outcome:
    return Outcome(
        verdict=Verdict.FAILED, errors=(problem,), console=console, duration_us=duration_us
    )


def _lines(console: Sequence[ConsoleText]) -> tuple[ConsoleLine, ...]:
    # Most code writes nothing, and a generator for nothing costs as much as the outcome itself.
    return tuple(ConsoleLine(line.level, line.text) for line in console) if console else ()
