"""Reads the records in which a guest says how calls ended.

The guest is not trusted: whatever is not exactly of the form driver.js writes is a violation.
"""

from typing import Any

import orjson

from sandbox.errors import ProtocolViolated
from sandbox.limits import Limits
from sandbox.protocol import RECORDS_PER_RESULT, SEPARATOR, Results
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


def read_results(answer: Results, *, asked: int, limits: Limits) -> list[Result]:
    """Read the results of the first calls of a batch of ``asked`` calls.

    Raises:
        ProtocolViolated: the records are not of their form.
    """
    records = answer.text.split(SEPARATOR)
    count = len(records) // RECORDS_PER_RESULT
    if not 1 <= count <= asked or len(records) != count * RECORDS_PER_RESULT:
        raise ProtocolViolated("The guest sent another number of results than it may.")
    # V8's clock ticks in milliseconds; what it did not see is shared out evenly.
    share_us = answer.elapsed_us // count
    plain = Returned(None, (), share_us)
    results: list[Result] = []
    for i in range(0, len(records), RECORDS_PER_RESULT):
        details, output = records[i], records[i + 1]
        if details == _PLAIN:
            results.append(Returned(output, (), share_us) if output else plain)
        else:
            results.append(_read(details, output, share_us, limits))
    return results


def _read(record: bytes, output: bytes, share_us: int, limits: Limits) -> Result:
    try:
        details = orjson.loads(record[1:])
    except orjson.JSONDecodeError as error:
        raise ProtocolViolated("A result is not JSON.") from error
    match record[:1], details:
        case b"R", [int(ms), list(lines)]:
            return Returned(output or None, _console(lines), _duration_us(ms, share_us))
        case b"R", [int(ms), list(lines), list(found)] if len(found) <= limits.misfits:
            duration_us = _duration_us(ms, share_us)
            return Returned(output or None, _console(lines), duration_us, _misfits(found))
        case b"E", [
            int(ms),
            list(lines),
            str(message),
            (int() | None) as line,
            (int() | None) as column,
        ]:
            duration_us = _duration_us(ms, share_us)
            return Threw(message, line, column, _console(lines), duration_us)
        case b"N", [int(), list(lines)]:
            return TimedOut(limits.timeout_ms, _console(lines), never_settled=True)
        case b"L", [int(), list(lines), int(size_bytes)]:
            return OutputTooLarge(size_bytes, limits.output_bytes, _console(lines))
        case b"J", [int(), list(lines), str(message), list(found)] if len(found) <= 1:
            misfits = _misfits(found)
            return NotJson(message, _console(lines), misfits[0] if misfits else None)
        case _:
            raise ProtocolViolated("A result is of no known kind.")


def _duration_us(ms: int, share_us: int) -> int:
    return max(ms * 1_000, share_us) if ms else share_us


def _console(lines: list[Any]) -> tuple[ConsoleText, ...]:
    if not lines:
        return ()
    texts = []
    for line in lines:
        match line:
            case [str(level), str(text)] if level in _LEVELS:
                texts.append(ConsoleText(level, text))
            case _:
                raise ProtocolViolated("A console line is of another form.")
    return tuple(texts)


def _misfits(found: list[Any]) -> tuple[Misfit, ...]:
    misfits = []
    for each in found:
        match each:
            case [list(path), str(kind), str(name), int(back), int(count)] if (
                kind in _MISFIT_KINDS
                and all(type(step) in {str, int} for step in path)
                and 0 <= back <= len(path)
            ):
                misfits.append(Misfit(tuple(path), MisfitKind(kind), name, back, count))
            case _:
                raise ProtocolViolated("A misfit is of another form.")
    return tuple(misfits)
