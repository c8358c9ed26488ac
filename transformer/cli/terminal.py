"""Where the command line writes: results on standard output, everything else on standard error.

Colours follow the terminal and NO_COLOR. What is not a terminal is taken to be 80 columns wide.
"""

import sys

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


def _console(*, error: bool) -> Console:
    terminal = (sys.stderr if error else sys.stdout).isatty()
    return Console(stderr=error, highlight=False, width=None if terminal else _COLUMNS)
