"""What the doctor found, for a person to read."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sandbox.attacks import Verdict
from sandbox.layers import Layer, LayerState
from transformer.cli.diagnosis import Report, Service, groups_of
from transformer.cli.terminal import shown_path
from transformer.cli.warnings import Warning  # noqa: A004

# What it means where a layer is not in force.
_WITHOUT: Mapping[Layer, str] = {
    Layer.REALM: "an event can leave something behind for the events after it",
    Layer.DETERMINISM: "the same code on the same event need not give the same result",
    Layer.LIMITS: "code can take all the time and memory of this machine",
    Layer.JITLESS: "a whole class of bugs in V8 is within reach of the code",
    Layer.RLIMITS: "code that took a guest over can take all the memory and files it likes",
    Layer.PRIVILEGES: "code that took a guest over can gain rights by starting other programs",
    Layer.NAMESPACES: "code that took a guest over sees this machine's processes and network",
    Layer.LANDLOCK: "code that took a guest over can read what this user can read",
    Layer.SECCOMP: "code that took a guest over can make any call to the kernel",
    Layer.PROCESS: "all code runs in the process that started it",
}


def print_report(console: Console, report: Report) -> None:
    """Write all that was found: layers, attacks, services, warnings, and whether all is well."""
    _print_layers(console, report.layers)
    _print_attacks(console, report.verdicts)
    _print_services(console, report.services)
    _print_warnings(console, report.warnings)
    if report.is_well and report.warnings:
        console.print("All is well today; see the warnings above.", style="bold yellow")
    elif report.is_well:
        console.print("All is well.", style="bold green")
    else:
        console.print("Not all is well: see above.", style="bold red")


def _print_layers(console: Console, layers: Sequence[LayerState]) -> None:
    console.print("Layers between the code and this machine", style="bold")
    table = _grid()
    for state in layers:
        mark = Text("in force", "green") if state.in_force else Text("NOT IN FORCE", "bold yellow")
        table.add_row("", state.layer.value, mark, Text(state.detail, "dim"))
    console.print(table)
    for state in layers:
        if not state.in_force:
            warning = f"  Warning: without {state.layer.value}, {_WITHOUT[state.layer]}."
            console.print(Text(warning, "bold yellow"))
    console.print()


def _print_attacks(console: Console, verdicts: Sequence[Verdict]) -> None:
    console.print("Attacks on the sandbox", style="bold")
    table = _grid()
    table.add_row("", Text("group", "dim"), *(Text(w, "dim") for w in ("attacks", "held", "time")))
    for group in groups_of(verdicts):
        style = "green" if group.held == group.run else "bold red"
        held = Text(str(group.held), style)
        table.add_row("", group.name, str(group.run), held, f"{group.seconds:.1f} s")
    console.print(table)
    for verdict in verdicts:
        if not verdict.held:
            attack = verdict.attack
            console.print(Text(f"  Got through: {shown_path(attack.path)}", "bold red"))
            console.print(Text(f"    {attack.about}"))
            console.print(Text(f"    expected: {attack.expect}"))
            console.print(Text(f"    found:    {verdict.found}"))
    console.print()


def _print_services(console: Console, services: Sequence[Service]) -> None:
    console.print("Services", style="bold")
    table = _grid()
    for service in services:
        mark = Text("well", "green") if service.is_well else Text("not well", "bold red")
        table.add_row("", service.name, mark, Text(service.found))
        if service.hint:
            table.add_row("", "", "", Text(service.hint, "dim"))
    console.print(table)
    console.print()


def _print_warnings(console: Console, warnings: Sequence[Warning]) -> None:
    if not warnings:
        return
    console.print("Warnings", style="bold")
    for warning in warnings:
        console.print(Text(f"  {warning.subject}: {warning.found}", "bold yellow"))
        console.print(Text(f"    expected: {warning.expected}"))
        console.print(Padding(Text(warning.hint, "dim"), (0, 0, 0, 4)))
    console.print()


def _grid() -> Table:
    return Table.grid(padding=(0, 2, 0, 0))
