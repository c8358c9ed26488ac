"""Where the command line writes: results on standard output, everything else on standard error.

Colours follow the terminal and NO_COLOR. What is not a terminal is taken to be 80 columns wide.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook
from rich.segment import Segment

_COLUMNS = 80

# What is shown may have come in a webhook, and must not steer the terminal of whoever looks at it.
_SHOWN = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n"},
    0x7F: "\u2421",
    **dict.fromkeys(range(0x80, 0xA0), "\ufffd"),
}


def results() -> Console:
    """Give the console of what was asked for; it may be piped on."""
    return _console(error=False)


def notes() -> Console:
    """Give the console of progress and errors."""
    return _console(error=True)


def say_error(message: str, hint: str = "") -> None:
    """Tell what went wrong, and what to do next."""
    console = notes()
    console.print("[bold red]Error:[/]", end=" ")
    console.print(message, markup=False, highlight=False, soft_wrap=True)
    if hint:
        console.print(hint, markup=False, highlight=False, soft_wrap=True)


def own_command() -> str:
    """Give what to type for this program: its name, or the way to it where it is on no PATH."""
    if shutil.which("transformer"):
        return "transformer"
    called = Path(sys.argv[0])
    return shown_path(called) if called.name == "transformer" else "transformer"


def shown_path(path: Path) -> str:
    """Give a path as short as it can be typed from here."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(str(path)) else str(path)


def _console(*, error: bool) -> Console:
    terminal = (sys.stderr if error else sys.stdout).isatty()
    console = Console(stderr=error, highlight=False, width=None if terminal else _COLUMNS)
    console.push_render_hook(_Disarming())
    return console


class _Disarming(RenderHook):
    """Shows control characters instead of obeying them, in whatever is printed."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Disarmed(renderable) for renderable in renderables]


class _Disarmed:
    def __init__(self, renderable: ConsoleRenderable) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for text, style, control in console.render(self._renderable, options):
            # Rich's own control sequences are marked as such.
            yield Segment(text if control else text.translate(_SHOWN), style, control)
