"""Reads the records in which a guest says how calls ended.

The guest is not trusted: whatever is not exactly of the form driver.js writes, or is more than the
limits let it write, is a violation. Two things are not held against it, because V8 or the machine's
clock may be at fault: a place that the text does not have is none, and a time is cut to the time that
the host has waited.

The output alone is not looked into, beyond its length: whoever uses it parses it anyway, and what
it says is the owner's own affair.
"""

from typing import Any

import orjson

from sandbox.errors import ProtocolViolated
from sandbox.limits import Limits
from sandbox.places import Places
from sandbox.protocol import (
    LAST_LINE_BYTES,
    LONGEST_MESSAGE,
    MISFIT_LEVELS,
    MISFIT_NAME,
    RECORDS_PER_RESULT,
    SEPARATOR,
    Results,
    most_console_lines,
    most_record_bytes,
)
from sandbox.result import (
    ConsoleText,
    Misfit,
    MisfitKind,
    NotJson,
    OutputTooLarge,
    Result,
    Returned,
    Threw,
    TimedOut,
)

_MISFIT_KINDS = frozenset(kind.value for kind in MisfitKind)
_LEVELS = frozenset({"debug", "log", "info", "warn", "error"})
_PLAIN = b"R[0,[]]"  # by far the most frequent: returned at once and wrote nothing
_LONGEST_STRING_BYTES = 3 * 2**29  # V8's longest, in UTF-8


def read_results(
    answer: Results, *, asked: int, limits: Limits, code: str, waited_us: int
) -> list[Result]:
    """Read the results of the first calls of a batch.

    Args:
        answer: what the guest said.
        asked: how many calls the batch had.
        limits: what each of them might use.
        code: the program's text, in which the places of errors lie.
        waited_us: how long the host waited for the answer.

    Raises:
        ProtocolViolated: the records are not of their form, or more than they may be.
    """
    count = answer.count
    # The split is bounded, so that a flood of separators makes no flood of records.
    records = answer.text.split(SEPARATOR, RECORDS_PER_RESULT * count)
    if not 1 <= count <= asked or len(records) != RECORDS_PER_RESULT * count:
        raise ProtocolViolated("The guest sent another number of results than it may.")
    if answer.elapsed_us > waited_us:
        raise ProtocolViolated("The guest claims more time than has passed.")
    if len(answer.text) > limits.output_bytes:
        longest = max(map(len, records[1::RECORDS_PER_RESULT]))
        if longest > limits.output_bytes:
            raise ProtocolViolated("An output is longer than it may be.")
    # V8's clock ticks in milliseconds; what it did not see is shared out evenly.
    share_us = answer.elapsed_us // count
    plain = Returned(None, (), share_us)
    reader: _RecordReader | None = None
    results: list[Result] = []
    for i in range(0, len(records), RECORDS_PER_RESULT):
        details, output = records[i], records[i + 1]
        if details == _PLAIN:
            results.append(Returned(output, (), share_us) if output else plain)
        else:
            if reader is None:
                reader = _RecordReader(limits, code, share_us=share_us, waited_us=waited_us)
            results.append(reader.read(details, output))
    return results


class _RecordReader:
    """Reads the records of one answer that are not plain."""

    def __init__(self, limits: Limits, code: str, *, share_us: int, waited_us: int) -> None:
        self._limits = limits
        self._places = Places(code)
        self._share_us = share_us
        self._waited_us = waited_us
        self._most_bytes = most_record_bytes(limits)
        self._most_lines = most_console_lines(limits)
        self._most_text_bytes = limits.console_bytes + LAST_LINE_BYTES

    def read(self, record: bytes, output: bytes) -> Result:
        if len(record) > self._most_bytes:
            raise ProtocolViolated("A result is longer than it may be.")
        try:
            details = orjson.loads(record[1:])
        except orjson.JSONDecodeError as error:
            raise ProtocolViolated("A result is not JSON.") from error
        match details:
            case [ms, list(lines), *more]:
                duration_us, console = self._duration_us(ms), self._console(lines)
            case _:
                raise ProtocolViolated("A result is of another form.")
        match record[:1], more, output:
            case b"R", [], _:
                return Returned(output or None, console, duration_us)
            case b"R", [list(found)], _ if len(found) <= self._limits.misfits:
                return Returned(output or None, console, duration_us, _misfits(found))
            case b"E", [message, line, column], b"":
                line, column = self._place(line, column)
                return Threw(_message(message), line, column, console, duration_us)
            case b"N", [], b"":
                return TimedOut(self._limits.timeout_ms, console, never_settled=True)
            case b"L", [size_bytes], b"":
                size = self._too_large(size_bytes)
                return OutputTooLarge(size, self._limits.output_bytes, console)
            case b"J", [message, list(found)], b"" if len(found) <= 1:
                misfit = _misfits(found)[0] if found else None
                return NotJson(_message(message), console, misfit)
            case _:
                raise ProtocolViolated("A result is of no known kind.")

    def _duration_us(self, ms: object) -> int:
        # The machine's clock may be set while a call runs: it can have taken less than nothing.
        return min(max(_whole(ms) * 1_000, self._share_us), self._waited_us)

    def _place(self, line: object, column: object) -> tuple[int, int] | tuple[None, None]:
        if line is None or column is None:
            return None, None
        place = _whole(line), _whole(column)
        return place if self._places.has(*place) else (None, None)

    def _too_large(self, size_bytes: object) -> int:
        size = _whole(size_bytes)
        if not self._limits.output_bytes < size <= _LONGEST_STRING_BYTES:
            raise ProtocolViolated("An output that is too large has a size that is not.")
        return size

    def _console(self, lines: list[Any]) -> tuple[ConsoleText, ...]:
        if not lines:
            return ()
        if len(lines) > self._most_lines:
            raise ProtocolViolated("A console has more lines than it may.")
        texts = []
        size = 0
        for line in lines:
            match line:
                case [str(level), str(text)] if level in _LEVELS:
                    size += len(text.encode())
                    texts.append(ConsoleText(level, text))
                case _:
                    raise ProtocolViolated("A console line is of another form.")
        if size > self._most_text_bytes:
            raise ProtocolViolated("A console is longer than it may be.")
        return tuple(texts)


def _misfits(found: list[Any]) -> tuple[Misfit, ...]:
    misfits = []
    for each in found:
        match each:
            case [list(path), str(kind), str(name), back, count] if (
                kind in _MISFIT_KINDS
                and len(path) <= MISFIT_LEVELS
                and all(map(_is_step, path))
                and len(name) <= MISFIT_NAME
                and 0 <= _whole(back) <= len(path)
            ):
                misfits.append(Misfit(tuple(path), MisfitKind(kind), name, back, _whole(count)))
            case _:
                raise ProtocolViolated("A misfit is of another form.")
    return tuple(misfits)


def _is_step(step: object) -> bool:
    return type(step) is int or (type(step) is str and len(step) <= MISFIT_NAME)


def _whole(value: object) -> int:
    # True is an int to isinstance and to patterns.
    if type(value) is not int:
        raise ProtocolViolated("A number is none.")
    return value


def _message(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_MESSAGE:
        raise ProtocolViolated("A message is no text, or longer than it may be.")
    return value
