"""What would change, for a person to read: one block a profile or item, one line a value."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from transformer.cli.outcome_view import print_problem
from transformer.delivery import State, problem_from_json
from transformer.operation import JsonObject, Path
from transformer.writer.changes import ABSENT
from transformer.writer.differences import profile_name
from transformer.writer.sentences import alias_text, path_text, profile_text, value_text

MOST_SHOWN = 50
_SEEN_AT_A_GLANCE = 5
_MARKS: Mapping[str, tuple[str, str]] = {
    "created": ("+", "green"),
    "changed": ("~", "yellow"),
    "unchanged": ("=", "dim"),
    "removed": ("-", "red"),
    "shared": ("!", "yellow"),
    "unresolved": ("!", "yellow"),
}
_IN_ITS_NAME = ("/external_id", "/user_aliases")
_COUNTED = ("event", "purchase")


def print_store(console: Console, changes: JsonObject, *, place: str, asked: int) -> None:
    """Write what so many operations would change in a store, and what the writer has to say."""
    is_applied, done = changes["outcome"] == State.APPLIED.value, changes["operations"]
    part = f", {done} of {asked} operations" if is_applied and done < asked else ""
    console.print()
    console.print(
        Text.assemble(
            (f"against {place}  ", "bold"),
            (f"would be applied{part}", "bold green") if is_applied else ("would fail", "bold red"),
            ("  nothing was written", "dim"),
        ),
        soft_wrap=True,
    )
    # What names nobody has a warning of its own, with what to do about it.
    told = [one for one in changes["diff"] if one["kind"] != "identifier.unresolved"]
    print_changes(console, changes | {"diff": told})
    for style, problems in (("red", changes["errors"]), ("yellow", changes["warnings"])):
        for problem in problems:
            print_problem(console, problem_from_json(problem), style=style)


def print_changes(console: Console, changes: JsonObject) -> None:
    """Write a diff in the shape of the API: its summary, then each difference."""
    diff: list[JsonObject] = changes["diff"]
    if not diff:
        console.print("  Nothing would change.", style="dim")
        return
    if len(diff) > _SEEN_AT_A_GLANCE:
        console.print(Text(f"  {'; '.join(changes['summary'])}", "bold"))
    for difference in diff[:MOST_SHOWN]:
        _print_difference(console, difference)
    if len(diff) > MOST_SHOWN:
        console.print(f"  … and {len(diff) - MOST_SHOWN:,} more; --json has them all.", style="dim")


def _print_difference(console: Console, difference: JsonObject) -> None:
    kind: str = difference["kind"]
    subject, _, fate = kind.partition(".")
    mark, style = _MARKS[fate]
    console.print()
    match subject:
        case "profile":
            name = profile_text(profile_name(difference["profile"]))
        case "item":
            name = f"item {difference['item_id']} of catalog {difference['catalog_name']}"
        case _:
            console.print(Text(f"{mark} ", style) + Text(" ".join(difference["sentences"])))
            return
    kept = difference.get("merged_into")
    what = fate if kept is None else f"merged into {profile_text(profile_name(kept))}"
    console.print(Text(f"{mark} ", style) + Text(name, "bold") + Text(f"  {what}", "dim"))
    # A grid keeps long values in a column of their own.
    grid = Table.grid(padding=(0, 0, 0, 2))
    named = _IN_ITS_NAME if kind == "profile.created" else ()
    for change in difference["changes"]:
        if change["path"] in named:
            continue
        grid.add_row("", Text(_label(change), "cyan", no_wrap=True), _told(change))
    console.print(grid)


def _label(change: JsonObject) -> str:
    if change["kind"] in _COUNTED:
        return f"{change['kind']} {change['name']}"
    return path_text(_path(change))


def _path(change: JsonObject) -> Path:
    pointer: str = change["path"]
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def _told(change: JsonObject) -> Text:
    path = _path(change)
    shown = alias_text if path == ("user_aliases",) else partial(value_text, path=path)
    before, after = change.get("before", ABSENT), change.get("after", ABSENT)
    match change["kind"]:
        case "elements":
            return _elements(change, shown)
        case "event" | "purchase":
            times = [0 if held is ABSENT else held["count"] for held in (before, after)]
            return _from_to(str(times[0]), str(times[1]))
        case _ if path == ("user_aliases",):
            added, removed = ([] if held is ABSENT else held for held in (after, before))
            return _elements({"added": added, "removed": removed}, shown)
        case _ if before is ABSENT:
            return Text(shown(after), "green")
        case _ if after is ABSENT:
            return Text.assemble((shown(before), "strike red"), ("  removed", "dim"))
        case _:
            return _from_to(shown(before), shown(after))


def _from_to(before: str, after: str) -> Text:
    return Text.assemble((before, "red"), (" → ", "dim"), (after, "green"))


def _elements(change: JsonObject, shown: Callable[[Any], str]) -> Text:
    parts = [Text(f"+ {shown(element)}", "green") for element in change["added"]]
    parts += [Text(f"- {shown(element)}", "red") for element in change["removed"]]
    return Text("  ").join(parts) if parts else Text("in another order")
