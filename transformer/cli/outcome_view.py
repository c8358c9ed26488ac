"""An outcome for a person to read: what would change, what was logged, what is wrong and where."""

import json

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from transformer.delivery import Outcome, Problem, Verdict
from transformer.excerpt import excerpt_of

_STYLES = {Verdict.OK: "bold green", Verdict.SKIPPED: "bold yellow", Verdict.FAILED: "bold red"}


def print_outcome(console: Console, outcome: Outcome, *, code: str, name: str) -> None:
    """Write an outcome for a person: verdict, operations, what was logged, what is wrong where."""
    operations = outcome.accepted()
    count = len(operations)
    line = Text.assemble((outcome.verdict.value, _STYLES[outcome.verdict]))
    if count:
        line.append(f"  {count} operation{'s' if count != 1 else ''}")
    if outcome.refused:
        line.append(f", {len(outcome.refused)} refused", style="bold red")
    if outcome.duration_us:
        line.append(f"  {outcome.duration_us / 1_000:.1f} ms", style="dim")
    console.print(line)
    if outcome.verdict is Verdict.SKIPPED:
        console.print("  The code returned nothing, so nothing changes.", style="dim")
    # A grid keeps long objects in a column of their own.
    grid = Table.grid(padding=(0, 0, 0, 2))
    for operation in operations:
        label = f"{operation.kind.value} {operation.catalog_name}".rstrip()
        described = json.dumps(operation.object, ensure_ascii=False)
        grid.add_row("", Text(label, "cyan", no_wrap=True), Text(described))
    if count:
        console.print(grid)
    for logged in outcome.console:
        console.print(Text(f"  console.{logged.level} ", "dim") + Text(logged.text))
    for problem in outcome.errors:
        print_problem(console, problem, style="red", code=code, name=name)
    for problem in outcome.warnings:
        print_problem(console, problem, style="yellow", code=code, name=name)


def print_problem(
    console: Console, problem: Problem, *, style: str, code: str = "", name: str = ""
) -> None:
    """Write a problem with its place; of a problem in the code, its line as well."""
    console.print()
    console.print(Text(f"{problem.code}: ", f"bold {style}") + Text(problem.message))
    if problem.pointer:
        console.print(Text(f"  at {problem.pointer} of what the code returned", "dim"))
    if problem.line is not None:
        console.print(_excerpt(code, problem, name=name), soft_wrap=True)
    if problem.hint:
        console.print(Padding(Text(problem.hint), (0, 0, 0, 2), expand=False))


def _excerpt(code: str, problem: Problem, *, name: str) -> Text:
    """Show the source line, and a caret below the column."""
    line, column = problem.line or 1, problem.column
    place = f"{name}:{line}" + (f":{column}" if column else "")
    shown = Text(f"  {place}", "dim")
    excerpt = excerpt_of(code, line=line, column=column)
    if excerpt is None:
        return shown
    gutter = f"  {line} │ "
    shown.append(f"\n{gutter}", "dim")
    shown.append(excerpt.text)
    if column:
        # A tab stays a tab: both lines then widen alike, and the caret stands below its column.
        before = excerpt.text[: excerpt.caret]
        indent = "".join("\t" if c == "\t" else " " * cell_len(c) for c in before)
        shown.append("\n" + " " * (len(gutter) - 2) + "│ ", "dim")
        shown.append(indent + "^", "bold red")
    return shown
