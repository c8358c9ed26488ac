"""Where the command line writes: results on standard output, everything else on standard error.

Colours follow the terminal and NO_COLOR. What is not a terminal is taken to be 80 columns wide.
"""

import os
import shutil
import sys
from pathlib import Path

from rich.console import Console

_COLUMNS = 80


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
    return Console(stderr=error, highlight=False, width=None if terminal else _COLUMNS)
