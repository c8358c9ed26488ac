"""`transformer doctor`: what protects this machine from the code it runs, tried and told.

Decided here: what is looked at (services.py looks at Redis, the database and the disk). What counts as
well is decided in diagnosis.py, what is warned of in warnings.py, how it is shown in doctor_view.py; the attacks and their verdicts are the sandbox's own (sandbox/attacks).
"""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import orjson
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sandbox import GuestUnavailable, Limits, SandboxPool
from sandbox.attacks import Attack, Verdict, load_corpus, run_drill
from transformer.cli.diagnosis import Report
from transformer.cli.doctor_view import print_report
from transformer.cli.services import look_at_services
from transformer.cli.terminal import notes, results
from transformer.errors import SandboxUnavailable, UsageError
from transformer.settings import load_settings

_UNWELL = 1
_GUESTS = 8


def run_doctor(*, only: str | None, as_json: bool) -> int:
    """Try the sandbox and look at the services; return 0 if all is well, else 1.

    Args:
        only: run the attacks alone whose GROUP/NAME begins so.
        as_json: print the report as JSON.

    Raises:
        SandboxUnavailable: no guest can be started, so there is nothing to try.
        UsageError: no attack begins so.
    """
    settings = load_settings()
    attacks = _chosen(only)
    try:
        with SandboxPool(limits=Limits(), max_guests=_GUESTS) as pool:
            layers = pool.layers()
            verdicts = _drill(attacks, pool)
    except GuestUnavailable as error:
        raise SandboxUnavailable(
            str(error),
            hint="Without one no code runs at all; see sandbox/README.md for what it needs.",
        ) from error
    services, warnings = look_at_services(settings)
    report = Report(layers, verdicts, services, warnings, settings.sandbox_require)
    if as_json:
        sys.stdout.write(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        print_report(results(), report)
    return 0 if report.is_well else _UNWELL


def _chosen(only: str | None) -> list[Attack]:
    attacks = [attack for attack in load_corpus() if attack.title.startswith(only or "")]
    if not attacks:
        raise UsageError(
            f"No attack begins with {only!r}.",
            hint="Name a group, such as residue/, or an attack, such as time/top-level.",
        )
    return attacks


def _drill(attacks: Sequence[Attack], pool: SandboxPool) -> list[Verdict]:
    console = notes()
    columns = (
        TextColumn("attacking the sandbox"),
        BarColumn(bar_width=40),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with (
        _unlogged(),
        Progress(
            *columns, console=console, transient=True, disable=not console.is_terminal
        ) as progress,
    ):
        bar = progress.add_task("", total=len(attacks))
        return run_drill(attacks, pool, tell=lambda _: progress.advance(bar))


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep the log quiet: what it warns of, the attacks do on purpose."""
    log = logging.getLogger("sandbox")
    log.disabled = True
    try:
        yield
    finally:
        log.disabled = False
