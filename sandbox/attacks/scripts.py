"""Runs attacks written in JavaScript as programs of a real pool.

An attack never comes alone: in its batch an innocent event goes before it and one after it, and both
must come out alike and unharmed. In the group `residue` the attack is what it leaves behind: the
code plays a first event and a second, and the second must end as if there had been no first.
"""

import json
from collections.abc import Sequence

from sandbox.attacks.attack import Attack
from sandbox.attacks.verdict import Finding
from sandbox.limits import Limits
from sandbox.pool import SandboxPool
from sandbox.program import Call, Program
from sandbox.result import (
    ConsoleText,
    Died,
    NotJson,
    OutOfMemory,
    OutputTooLarge,
    Result,
    Returned,
    SyntaxInvalid,
    Threw,
    TimedOut,
)

NO_RESIDUE = "no residue"
# How the line ends that a console gets when it is full; it comes beyond the limits.
_CUT = "are kept; the rest was dropped"
_NO_BODY = "syntax_invalid"

# One line, so that the attack's own lines are one further down than in its file's text.
_NEIGHBOUR = 'if (payload === "neighbour") return ["unharmed", Math.random(), Date.now()];\n'
_UNHARMED = 'returned ["unharmed",'
_INNOCENT = Program("innocent", 'return "unharmed"')

_HEADERS = '{"X-One":"1"}'
_CONTEXT = json.dumps(
    {
        "event_id": "evt_1",
        "accepted_at": "2026-01-02T03:04:05.678Z",
        "workspace": {"tier": "gold"},
    }
).encode()
# The guest of this owner only ever sees second events.
_CLEAN_OWNER = "attacks.clean"
_WAITS = ("", "await null;\n")


def run_script(attack: Attack, pool: SandboxPool) -> Finding:
    """Run a `.js` attack and say how it ended.

    Raises:
        GuestUnavailable: no guest can be started.
    """
    if attack.expect == NO_RESIDUE:
        return _look_for_residue(attack, pool)
    if attack.expect == _NO_BODY:
        return _refused(attack, pool)
    return _among_neighbours(attack, pool)


def end_of(result: Result) -> str:
    """Say how a call ended, in the words of ``Attack.expect``."""
    end: str
    match result:
        case Returned(output):
            end = "skipped" if output is None else f"returned {output.decode()}"
        case Threw(message):
            end = f"threw {message}"
        case SyntaxInvalid():
            end = _NO_BODY
        case TimedOut(never_settled=never_settled):
            end = "never_settled" if never_settled else "timed_out"
        case OutOfMemory():
            end = "out_of_memory"
        case OutputTooLarge():
            end = "output_too_large"
        case NotJson():
            end = "not_json"
        case Died(description):
            end = f"died {description}"
    return end


def ends_as(expect: str, end: str) -> bool:
    """Compare an end with the one expected; of what was thrown, the beginning is enough."""
    return end.startswith(expect) if expect.startswith("threw ") else end == expect


def run_all(
    pool: SandboxPool, owner: str, program: Program, calls: Sequence[Call], limits: Limits
) -> list[Result]:
    """Run calls to the last, coming again with the rest as a worker does."""
    results: list[Result] = []
    while len(results) < len(calls):
        results += pool.run(owner, program, calls[len(results) :], limits=limits)
    return results


def _owner(attack: Attack) -> str:
    return f"attacks.{attack.group}"


def _call(attack: Attack, payload: str) -> Call:
    headers = attack.options.get("headers", _HEADERS)
    return Call(payload.encode(), headers.encode(), _CONTEXT)


def _program(code: str) -> Program:
    return Program(key=code, code=code)


def _among_neighbours(attack: Attack, pool: SandboxPool) -> Finding:
    neighbour = _call(attack, '"neighbour"')
    tried = _call(attack, attack.options.get("payload", "null"))
    limits = attack.limits(Limits())
    program = _program(_NEIGHBOUR + attack.text)
    calls = [neighbour, tried, neighbour]
    before, result, after = run_all(pool, _owner(attack), program, calls, limits)
    end = end_of(result)
    if not ends_as(attack.expect, end):
        return Finding(held=False, found=end)
    if too_much := _too_much_said(result, limits):
        return Finding(held=False, found=f"{end}, and the console holds {too_much}")
    for which, found in (("before", _shown(before)), ("after", _shown(after))):
        if not found.startswith(_UNHARMED) or found != _shown(before):
            return Finding(held=False, found=f"{end}, and the event {which} it {found}")
    return Finding(held=True, found=end)


def _refused(attack: Attack, pool: SandboxPool) -> Finding:
    # A text that is no program has no neighbours in its batch, but in its guest.
    program = _program(attack.text)
    limits = attack.limits(Limits())
    owner = _owner(attack)
    checked = pool.check(owner, program)
    end = _NO_BODY if checked is not None else "accepted when checked"
    [result] = pool.run(owner, program, [_call(attack, "null")], limits=limits)
    if end_of(result) != end:
        end = end_of(result)
    [innocent] = pool.run(owner, _INNOCENT, [_call(attack, "null")], limits=limits)
    if (found := end_of(innocent)) != 'returned "unharmed"':
        return Finding(held=False, found=f"{end}, and another program {found}")
    return Finding(held=end == _NO_BODY, found=end)


def _look_for_residue(attack: Attack, pool: SandboxPool) -> Finding:
    common = json.loads(attack.options.get("payload", '{"list":[]}'))
    first, second = (
        _call(attack, json.dumps({**common, "first": is_first})) for is_first in (True, False)
    )
    limits = attack.limits(Limits(timeout_ms=5_000))
    owner = _owner(attack)
    for wait in _WAITS:
        program = _program(wait + attack.text)
        [expected] = map(_shown, run_all(pool, _CLEAN_OWNER, program, [second], limits))
        together = run_all(pool, owner, program, [first, second], limits)[1]
        run_all(pool, owner, program, [first], limits)
        [apart] = run_all(pool, owner, program, [second], limits)
        for how, found in (
            ("in its batch", _shown(together)),
            ("in the batch after", _shown(apart)),
        ):
            if found != expected:
                waiting = " after an await" if wait else ""
                return Finding(
                    held=False,
                    found=f"the event {how}{waiting} {found}; by itself it {expected}",
                )
    return Finding(held=True, found=NO_RESIDUE)


def _too_much_said(result: Result, limits: Limits) -> str | None:
    lines = _console(result)
    last = [line for line in lines[-1:] if line.text.endswith(_CUT)]
    size = sum(len(line.text.encode()) for line in lines[: len(lines) - len(last)])
    if len(lines) > limits.console_lines + len(last):
        return f"{len(lines)} lines"
    return f"{size} bytes" if size > limits.console_bytes else None


def _console(result: Result) -> tuple[ConsoleText, ...]:
    lines: tuple[ConsoleText, ...] = getattr(result, "console", ())
    return lines


def _shown(result: Result) -> str:
    """Say all that an event can show of itself: its end, the place of it, and its console."""
    place = f" at {result.line}:{result.column}" if isinstance(result, Threw) else ""
    said = "".join(f", console.{line.level} {line.text}" for line in _console(result))
    return end_of(result) + place + said
