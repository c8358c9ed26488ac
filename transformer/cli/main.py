"""The entry point: the list of commands, and how each of them may end.

Whatever goes wrong is told as a sentence with a next step on standard error; a traceback appears
only when it is asked for.
"""

import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from transformer.cli import commands
from transformer.errors import TransformerError, UsageError

_FAILED = 1
_USAGE = 2
_INTERRUPTED = 130

_EVERYDAY = (
    commands.up,
    commands.demo,
    commands.run,
    commands.types,
    commands.send,
    commands.replay,
    commands.doctor,
    commands.ready,
    commands.settings,
)
_PROCESSES = (
    commands.web,
    commands.worker,
    commands.writer,
    commands.scheduler,
    commands.migrate,
)


@dataclass(slots=True)
class _Wishes:
    """What was asked for before the command."""

    traceback: bool = False


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status."""
    wishes = _Wishes()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that has no "✓" shows "?" instead of ending the command.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        status = _application(wishes)(
            args=arguments, prog_name="transformer", standalone_mode=False
        )
        sys.stdout.flush()
    except (KeyboardInterrupt, Abort):
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has had enough; Python must not complain again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILED
    except Exception as error:  # noqa: BLE001  # the last place where it can be told
        return _tell(error, with_traceback=wishes.traceback)
    return status if isinstance(status, int) else 0


def _application(wishes: _Wishes) -> typer.Typer:
    application = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

    @application.callback(
        invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
    )
    def before_the_command(
        context: typer.Context,
        traceback: Annotated[
            bool,
            typer.Option(
                "--traceback", help="Show where an error came from.", envvar="TRANSFORMER_DEBUG"
            ),
        ] = False,
        parent: Annotated[int | None, typer.Option(hidden=True)] = None,
    ) -> None:
        """Turn webhooks into profile and catalog updates with your own JavaScript."""
        wishes.traceback = traceback
        if parent is not None:
            from transformer.supervisor import tether  # noqa: PLC0415  # only a child needs it

            tether.end_with(parent)
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())

    for command in _EVERYDAY:
        application.command()(command)
    for command in _PROCESSES:
        application.command(rich_help_panel="One process each, for several machines")(command)
    application.command()(commands.version)
    return application


def _tell(error: Exception, *, with_traceback: bool) -> int:
    from transformer.cli.terminal import say_error  # noqa: PLC0415  # nothing else may need it

    if with_traceback and not isinstance(error, TyperException):
        import traceback  # noqa: PLC0415

        traceback.print_exception(error)
    match error:
        case TransformerError():
            say_error(error.message, error.hint)
            return _USAGE if isinstance(error, UsageError) else _FAILED
        case TyperException():
            say_error(error.format_message(), "`transformer COMMAND --help` tells what it takes.")
            return _USAGE
        case _:
            say_error(
                f"Something broke that should not: {type(error).__name__}: {error}",
                "Run it again with --traceback (`transformer --traceback COMMAND …`) and report "
                "what it prints.",
            )
            return _FAILED
