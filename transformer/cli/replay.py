"""`transformer replay`: stored events through their transformations again, with a progress bar."""

import time
from dataclasses import dataclass

import orjson
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from transformer.cli.api_client import ApiClient
from transformer.cli.changes_view import print_changes
from transformer.cli.terminal import notes, results
from transformer.errors import UsageError
from transformer.operation import JsonObject
from transformer.settings import Settings
from transformer.supervisor.admin_token import FILE_NAME

_POLL_S = 0.2
_SHOWN_ERRORS = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for.

    Args:
        filter: as POST /api/replays takes it.
        revision: the revision to run; None: the published one.
        retry: try failed deliveries again instead of making new ones.
        plan: only say what would be done.
        as_json: print the API's answer.
    """

    filter: dict[str, str]
    revision: str | None
    retry: bool
    plan: bool
    as_json: bool


def run_replay(settings: Settings, wish: Wish, *, url: str | None) -> int:
    """Replay, or plan it; return 0 if everything was settled and nothing failed, else 1.

    Raises:
        UsageError: nothing says what to replay, or the admin token is not known.
        Unavailable: the API does not answer, or refuses.
    """
    if not wish.filter:
        raise UsageError(
            "Nothing says what to replay.", hint="For example: transformer replay --outcome failed."
        )
    if wish.retry and wish.revision:
        raise UsageError(
            "--retry tries deliveries again on their own revision.", hint="Leave --revision out."
        )
    body: JsonObject = {"filter": wish.filter}
    if wish.revision:
        body["revision"] = wish.revision
    with ApiClient(url or _own_url(settings), token=_token(settings)) as client:
        if wish.plan:
            plan = client.ask_for_replay(body | {"plan": True}, retry=wish.retry)["plan"]
            _print_plan(plan, as_json=wish.as_json)
            return 0
        begun = client.ask_for_replay(body, retry=wish.retry)
        ended = _follow(client, begun)
    _print_end(ended, as_json=wish.as_json)
    well = ended["state"] == "done" and not ended["settled"]["failed"] and not ended["refused"]
    return 0 if well else 1


def _own_url(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def _token(settings: Settings) -> str:
    token = settings.admin_token.get_secret_value()
    if token:
        return token
    path = settings.data_dir / FILE_NAME
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read, and TRANSFORMER_ADMIN_TOKEN is not set.",
            hint="Name the data folder with --data, or set the variable.",
        ) from error


def _follow(client: ApiClient, begun: JsonObject) -> JsonObject:
    """Show how far a replay has come until it has ended."""
    console = notes()
    columns = (
        TextColumn("retrying" if begun["kind"] == "retry" else "replaying"),
        BarColumn(bar_width=40),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        bar = progress.add_task("", total=begun["found"])
        seen = begun
        try:
            while seen["state"] == "running":
                progress.update(bar, completed=seen["found"] - seen["remaining"])
                time.sleep(_POLL_S)
                seen = client.read_replay(begun["id"])
        except KeyboardInterrupt:
            console.print(f"{begun['id']} goes on; POST /api/replays/{begun['id']}/cancel ends it.")
            raise
    return seen


def _print_plan(plan: JsonObject, *, as_json: bool) -> None:
    console = results()
    if as_json:
        console.out(orjson.dumps(plan, option=orjson.OPT_INDENT_2).decode(), highlight=False)
        return
    table = Table("transformation", "outcome", "deliveries", box=None)
    for group in plan["counts"]:
        named = group["transformation_id"] or "none"
        table.add_row(named, group["outcome"], f"{group['count']:,}")
    console.print(table)
    _print_rows(
        [
            ("found", f"{plan['found']:,}"),
            ("to do", f"{plan['to_do']:,}"),
            ("same event twice", f"{plan['repeated']:,}"),
            *((one["reason"], f"{one['count']:,}") for one in plan["obstacles"]),
            ("estimated seconds", f"{plan['estimated_s']:,.1f}"),
            ("accepted", f"{plan['accepted_from']} to {plan['accepted_to']}"),
        ]
    )
    for tried in plan["sample"]:
        met = [*tried["errors"], *tried["settled"]["errors"]]
        errors = "".join(f"  {error['message']}" for error in met[:_SHOWN_ERRORS])
        told = (
            f"{tried['outcome_before']} → {tried['outcome']}, {len(tried['operations'])} operations"
        )
        console.print(f"{tried['delivery_id']}  {told}{errors}", markup=False, soft_wrap=True)
    if plan["sample"]:
        console.print()
        console.print("what these would change", style="bold")
        print_changes(console, plan["changes"])


def _print_end(ended: JsonObject, *, as_json: bool) -> None:
    if as_json:
        told = orjson.dumps(ended, option=orjson.OPT_INDENT_2).decode()
        results().out(told, highlight=False)
        return
    settled = [(name, f"{count:,}") for name, count in ended["settled"].items() if count]
    counts = [(name, ended[name]) for name in ("found", "appended", "refused", "repeated")]
    rate = f"{ended['rate_per_s']:,.0f}" if ended["rate_per_s"] else "-"
    _print_rows(
        [
            ("replay", ended["id"]),
            ("state", ended["state"]),
            *((name, f"{count:,}") for name, count in counts),
            *settled,
            ("a second", rate),
        ]
    )
    if ended["error"]:
        results().print(ended["error"], markup=False)


def _print_rows(rows: list[tuple[str, str]]) -> None:
    width = max(len(name) for name, _ in rows) + 2
    for name, value in rows:
        results().print(f"{name:<{width}}{value}", markup=False, soft_wrap=True)
