"""What the demo shows: a line a webhook as it comes through, then what became of the data.

Lines instead of a table that is drawn anew: they read the same on a terminal, in a pipe and in a
log of a build.
"""

import statistics
import textwrap
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from rich.console import Console
from rich.text import Text

from transformer.cli.terminal import own_command
from transformer.delivery import Problem, State
from transformer.folder import Case, FolderCatalog, TransformationFolder
from transformer.operation import JsonObject, Kind

_STATE_STYLES = {State.APPLIED: "green", State.SKIPPED: "yellow", State.FAILED: "red"}
# Singular and plural: "1 attribute, 2 events".
_PHRASES = {
    Kind.ATTRIBUTES: ("attribute", "attributes"),
    Kind.EVENT: ("event", "events"),
    Kind.PURCHASE: ("purchase", "purchases"),
    Kind.CATALOG_CREATE: ("item created", "items created"),
    Kind.CATALOG_PUT: ("item put", "items put"),
    Kind.CATALOG_PATCH: ("item edited", "items edited"),
    Kind.CATALOG_DELETE: ("item deleted", "items deleted"),
}
# With the examples' names this leaves 34 of 80 columns to what was changed.
_BYTES_WIDTH, _STATE_WIDTH, _MS_WIDTH = 5, 7, 4
_SPACES_AND_MARK = 9
_GAP = "  "
_IN_TITLE = {"external_id", "email", "first_name", "last_name", "user_aliases"}
_ON_OWN_LINES = {"custom_attributes", "custom_events", "purchases"}
_OF_THE_STORE = {"braze_id", "created_at", "updated_at"}

# A label, what stands between the parts, and the parts.
CardLine: TypeAlias = tuple[str, str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A webhook that came through."""

    case: Case
    state: State
    operations: tuple[JsonObject, ...]
    errors: tuple[Problem, ...]
    seconds: float
    differences: tuple[str, ...]

    @property
    def is_expected(self) -> bool:
        """Whether this is what the example says must happen."""
        return not self.differences


class DemoView:
    """Writes the demo on a console."""

    def __init__(self, console: Console, folders: Sequence[TransformationFolder]) -> None:
        self._console = console
        names = [case.name for folder in folders for case in folder.cases]
        self._case_width = max(map(len, names), default=0)
        taken = self._case_width + _BYTES_WIDTH + _STATE_WIDTH + _MS_WIDTH + _SPACES_AND_MARK
        self._phrase_width = max(console.width - taken, 12)
        self._began_at = time.monotonic()

    def begin(self, data_dir: Path, *, kept: bool) -> None:
        """Say what will happen."""
        where = f"data that is kept in {data_dir}" if kept else "throwaway data"
        self._say(f"Starting everything on this machine, on {where}.")

    def report(self, happening: str, /, **fields: object) -> None:
        """Say how far the start is; a ``Report`` of the supervisor."""
        match happening:
            case "child.started":
                said = f"{fields['role']}"
            case "child.died":
                said = f"{fields['role']} ended with {fields['ending']}; it starts again"
            case "instance.ready":
                said = f"ready at {fields['url']}"
            case _:
                return
        elapsed_s = time.monotonic() - self._began_at
        self._console.print(Text(f"  {elapsed_s:4.1f} s  {said}", "dim"))

    def begin_webhooks(self) -> None:
        """Head the columns."""
        line = self._line("webhook", "bytes", "outcome", "what changed", "ms", "")
        line.stylize("dim")
        self._console.print()
        self._console.print(line)

    def begin_example(self, folder: TransformationFolder) -> None:
        """Head the lines of an example."""
        self._console.print(
            Text.assemble((folder.name, "bold"), (f"  {folder.destination}", "dim"))
        )

    def show_row(self, row: Row) -> None:
        """Write the line of a webhook, and below it what was not expected."""
        mark = "✓" if row.is_expected else "✗"
        size, ms = f"{len(row.case.payload):,}", f"{row.seconds * 1_000:.0f}"
        line = self._line(row.case.name, size, row.state.value, _phrase(row), ms, mark)
        line.highlight_words([f"{_GAP}{row.state.value}"], _STATE_STYLES.get(row.state, ""))
        line.highlight_words([mark], "green" if row.is_expected else "bold red")
        self._console.print(line, no_wrap=True, overflow="crop")
        for difference in row.differences:
            self._console.print(Text(f"   {difference}", "red"))

    def _line(self, *cells: str) -> Text:
        case, size, state, phrase, ms, mark = cells
        return Text(
            f" {case:<{self._case_width}} {size:>{_BYTES_WIDTH}}  {state:<{_STATE_WIDTH}}  "
            f"{_cut(phrase, self._phrase_width):<{self._phrase_width}} {ms:>{_MS_WIDTH}} {mark}"
        )

    def show_profiles(self, profiles: Sequence[JsonObject]) -> None:
        """Write a card a profile."""
        self._say(f"\nProfiles ({len(profiles)})", style="bold")
        for profile in profiles:
            self._show_card(_title(profile), _profile_card(profile))

    def show_catalog(self, catalog: FolderCatalog, items: Sequence[JsonObject]) -> None:
        """Write a card an item."""
        self._say(f"\nCatalog {catalog.name} ({len(items)})", style="bold")
        for item in items:
            fields = [(name, value) for name, value in item.items() if name != "id"]
            self._show_card(item["id"], [("", " · ", _named_values(fields))])

    def show_totals(self, rows: Sequence[Row]) -> None:
        """Say how it went."""
        states = Counter(row.state for row in rows)
        expected = sum(row.is_expected for row in rows)
        all_expected = expected == len(rows)
        median_ms = statistics.median(row.seconds for row in rows) * 1_000 if rows else 0.0
        failed = f"{states[State.FAILED]} failed" + (" as expected" if all_expected else "")
        self._say(
            f"\n{len(rows)} webhooks: {states[State.APPLIED]} applied, "
            f"{states[State.SKIPPED]} skipped, {failed}; "
            f"{median_ms:.0f} ms from post to applied (median)."
        )
        self._say(
            f"{expected} of {len(rows)} outcomes are the expected ones.",
            style="bold green" if all_expected else "bold red",
        )

    def show_next_steps(self, examples: Path, *, kept: Path | None) -> None:
        """Say what to do next."""
        code = _relative(examples / "shopify-order" / "transform.js")
        payload = _relative(examples / "shopify-order" / "cases" / "two-items" / "payload.json")
        own = own_command()
        up = f"{own} up" + (f" --data {kept}" if kept else "")
        self._say("\nNext", style="bold")
        self._say(f"  {up}   # the real thing, and how to use it")
        self._say(f"  {own} run {code} \\\n    --payload {payload}")
        self._say(f"  {own} send URL payload.json   # your own webhooks, to a URL of yours")

    def _show_card(self, title: str, lines: Sequence[CardLine]) -> None:
        self._console.print(Text(f" {title}", "cyan"), no_wrap=True, overflow="ellipsis")
        for label, separator, parts in lines:
            indent = f"   {label}  " if label else "   "
            width = self._console.width - len(indent)
            for number, text in enumerate(_wrapped(parts, separator, width=width)):
                start = indent if number == 0 else " " * len(indent)
                self._console.print(Text.assemble((start, "dim"), text))

    def _say(self, text: str, *, style: str = "") -> None:
        self._console.print(Text(text, style), soft_wrap=True)


def _phrase(row: Row) -> str:
    """Say in short what was changed, or why nothing was."""
    if row.state is State.FAILED and row.errors:
        return row.errors[0].message.removeprefix("Error: ")
    if row.state is State.SKIPPED:
        return "nothing to change"
    counts = Counter(Kind(operation["kind"]) for operation in row.operations)
    return ", ".join(f"{count} {_PHRASES[kind][count != 1]}" for kind, count in counts.items())


def _title(profile: JsonObject) -> str:
    name = " ".join(profile[part] for part in ("first_name", "last_name") if profile.get(part))
    aliases = [alias["alias_name"] for alias in profile.get("user_aliases", [])]
    ids = [profile.get("external_id"), profile.get("email"), *aliases]
    return _GAP.join(str(part) for part in (name, *ids) if part)


def _profile_card(profile: JsonObject) -> list[CardLine]:
    """List the lines below a profile's title: its fields, its own attributes, what it did."""
    elsewhere = _IN_TITLE | _ON_OWN_LINES | _OF_THE_STORE
    fields = {name: value for name, value in profile.items() if name not in elsewhere}
    fields |= profile.get("custom_attributes", {})
    lines: list[CardLine] = [("", " · ", _named_values(fields.items()))]
    for label, name in (("events", "custom_events"), ("purchases", "purchases")):
        lines.append((label, ", ", [_counted(entry) for entry in profile.get(name, [])]))
    return lines


def _named_values(fields: Iterable[tuple[str, Any]]) -> list[str]:
    return [f"{name} {_value(value)}" for name, value in fields]


def _counted(summary: JsonObject) -> str:
    count = summary["count"]
    return f"{summary['name']} ({count})" if count > 1 else str(summary["name"])


def _wrapped(parts: Sequence[str], separator: str, *, width: int) -> list[str]:
    """Join parts into lines, broken between parts where that is possible."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + len(separator) + len(part) <= width:
            lines[-1] += separator + part
        else:
            lines += textwrap.wrap(part, width) or [part]
    return lines


def _value(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(_value(element) for element in value) or "(none)"
        case dict():
            return "{" + ", ".join(f"{name}: {_value(held)}" for name, held in value.items()) + "}"
        case _:
            return str(value)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _relative(path: Path) -> Path:
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
