"""One program in one V8 isolate.

An isolate is a realm of its own: prelude.js and stdlib/ make it, lockdown.js freezes it, then the program is
compiled into it and driver.js runs batches of calls. See each for what it decides.
"""

import re
from pathlib import Path
from typing import Any, cast

from py_mini_racer import JSEvalException, JSFunction, JSMappedObject

from sandbox.guest.v8 import Engine
from sandbox.limits import Limits
from sandbox.places import lines_of
from sandbox.program import can_see
from sandbox.protocol import Invalid

# Why three wrappers make the program's text a function body and nothing else. Suppose the text
# closes the function early and opens another block for the wrapper's last brace to close. After
# the function's closing brace
#   - the expression admits an operator, a comma, a call, `.`, `[`, a template or `)`;
#   - the class admits `;`, `}`, or the start of a member: a name, a literal, `*`, `[`, `#`;
#   - the object literal admits `,` or `}` alone.
# No token stands in all three sets, and up to that brace the three read the same tokens (all are
# strict async functions), so a text that all three accept never closes the function. A text that
# breaks out of one is refused by another; what it did meanwhile, it did under the limits and in an
# isolate that is thrown away. tests/hostile/test_break_out.py has the attempts.
#
# The last parameter shadows the one binding of the embedding that cannot be removed (lockdown.js).
_PARAMETERS = "(payload, headers, context, __TimerManager)"
_HEAD = _PARAMETERS + ' {"use strict";\n'
_EXPRESSION = "(async function" + _HEAD, "\n})"
_CLASS = "(class { async run" + _HEAD, "\n}})"
_OBJECT = "({ async run" + _HEAD, "\n}})"
# A program that never says await runs as a plain function, which needs no promise. The word alone
# decides: in a plain function `await` would be a name like any other.
_PLAIN = "(function" + _HEAD, "\n})"
_NAME = "\n//# sourceURL=transform.js"

# The standard library, each file after those it takes from (stdlib/interfaces.js).
_LIBRARY = (
    "interfaces.js",
    "utf8.js",
    "base64.js",
    "encoding.js",
    "hashing.js",
    "url_percent.js",
    "url_idna.js",
    "url_host.js",
    "url_parser.js",
    "url_search_params.js",
    "url.js",
    "clone.js",
    "console.js",
)

_SYNTAX = re.compile(r"\A[^\n]*?:(?P<line>\d+): (?P<message>[^\n]*)(?:\n[^\n]*\n(?P<mark> *)\^)?")


class CodeInvalid(Exception):
    """The program is no function body."""

    def __init__(self, invalid: Invalid) -> None:
        super().__init__(invalid.message)
        self.invalid = invalid


class HeapExhausted(Exception):
    """The program held more of V8's heap than it may."""


class Isolate:
    """A locked-down realm with one program in it; must be closed.

    Args:
        engine: V8.
        start: what :func:`read_start` read.
    """

    def __init__(self, engine: Engine, start: str) -> None:
        self._open = engine.open()
        self._v8 = self._open.v8
        driver = cast("JSMappedObject", self._v8.eval(start))
        self._driver = driver
        self._load = cast("JSFunction", driver["load"])
        self._progress = cast("memoryview", driver["progress"]).cast("i")
        self._limits: Limits | None = None

    def close(self) -> None:
        """Free the isolate."""
        self._open.close()

    def tidy(self) -> None:
        """Collect garbage now."""
        self._v8.low_memory_notification()

    def running(self) -> int:
        """Say which call of the batch is running, from whatever thread; -1 for none."""
        return int(self._progress[0])

    def ended(self) -> int:
        """Say how many results the last batch gave."""
        return int(self._progress[1])

    def load(self, code: str, context: str) -> None:
        """Compile a program.

        Raises:
            CodeInvalid: the code is no function body; the isolate must not be used any more.
        """
        # In this order most attempts to break out fail before any of their text has run.
        self._compile(code, _CLASS)
        self._compile(code, _OBJECT)
        function = self._compile(code, _EXPRESSION)
        promises = "await" in code
        if not promises:
            function = self._compile(code, _PLAIN)
        sees = [can_see(code, parameter) for parameter in ("headers", "context")]
        self._load(cast("JSFunction", function), context, promises, *sees)

    def _compile(self, code: str, wrapper: tuple[str, str]) -> Any:
        head, tail = wrapper
        try:
            return self._v8.eval(head + code + tail + _NAME)
        except JSEvalException as error:
            raise CodeInvalid(_invalid(str(error), code)) from error

    def run(self, text: memoryview, limits: Limits, *, heap_mb: int) -> bytes:
        """Run a batch; return the joined records of its results.

        Raises:
            HeapExhausted: V8 stopped at the heap limit; the isolate must not be used any more.
        """
        self._v8.set_hard_memory_limit(heap_mb * 1_048_576)
        if limits != self._limits:
            self._driver["limits"] = (
                f'{{"outputBytes":{limits.output_bytes},"consoleLines":{limits.console_lines},'
                f'"consoleBytes":{limits.console_bytes},"sliceMs":{limits.slice_ms},'
                f'"misfits":{limits.misfits}}}'
            )
            self._limits = limits
        self._driver["batch"] = cast("Any", text)
        while not isinstance(results := cast("object", self._driver["results"]), bytes):
            self._refuse_exhausted()
        self._refuse_exhausted()
        return results

    def _refuse_exhausted(self) -> None:
        if self._v8.was_hard_memory_limit_reached():
            raise HeapExhausted


def read_start() -> str:
    """Read the JavaScript of this folder, put together so that one evaluation starts an isolate."""
    folder = Path(__file__).parent
    prelude, misfits, lockdown, driver = (
        (folder / name).read_text(encoding="utf-8")
        for name in ("prelude.js", "misfits.js", "lockdown.js", "driver.js")
    )
    library = "\n".join(
        f"({(folder / 'stdlib' / name).read_text(encoding='utf-8')})(library);" for name in _LIBRARY
    )
    start = f"""(() => {{
const driver = ({driver}
);
const controls = ({prelude}
)();
const findMisfits = ({misfits}
)();
const library = {{}};
{library}
({lockdown}
)();
return driver(controls, findMisfits);
}})()
//# sourceURL=sandbox/start.js"""
    # V8 keeps and reads a text of ASCII in half the memory and less time. Beyond ASCII are comments
    # and texts, in which an escape means the same.
    return start.encode("ascii", "backslashreplace").decode()


def _invalid(text: str, code: str) -> Invalid:
    """Find message and place of a syntax error in what V8 printed, and put them in user terms."""
    lines = lines_of(code)
    found = _SYNTAX.match(text)
    if found is None or "SyntaxError" not in found["message"]:
        # What was evaluated is a function expression; that it *ran* shows that it broke out.
        return Invalid("SyntaxError: The code closes the function that it is put into.", 0, 0)
    mark = found["mark"]
    # The code starts on the wrapper's second line. An error past its end (a brace never closed)
    # is shown at its end.
    line = max(1, int(found["line"]) - 1)
    column = len(mark) + 1 if mark is not None else 1
    if line > len(lines):
        message = "SyntaxError: Unexpected end of the code"
        return Invalid(message, len(lines), len(lines[-1]) + 1)
    return Invalid(found["message"], line, column)
