"""`transformer demo`: every example through the whole pipeline, over HTTP, on throwaway data."""

import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from transformer.cli.api_client import ApiClient, Delivered
from transformer.cli.demo_view import DemoView, Row
from transformer.cli.examples import examples_dir, read_examples
from transformer.cli.terminal import results
from transformer.delivery import Outcome, State, Verdict, problem_from_json
from transformer.errors import UsageError
from transformer.folder import Case, FolderCatalog, TransformationFolder, compare
from transformer.operation import JsonObject
from transformer.settings import load_settings
from transformer.supervisor import Instance

_DIFFERS = 1
_LOG = "processes.log"
# The store knows that operations were applied; the sandbox only that there were some to apply.
_VERDICTS = {
    State.APPLIED: Verdict.OK,
    State.SKIPPED: Verdict.SKIPPED,
    State.FAILED: Verdict.FAILED,
}
_IDENTIFIERS = ("external_id", "email", "phone")


def run_demo(keep: Path | None) -> int:
    """Run every example's cases; return 0 if each outcome is the expected one, else 1.

    Raises:
        UsageError: the folder to keep the data in holds something already.
        Unavailable: something did not start, or did not answer.
    """
    folders = read_examples()
    # Whoever ends the demo politely wants what Ctrl-C does: nothing is left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    view = DemoView(results(), folders)
    with _data_dir(keep) as data_dir:
        view.begin(data_dir, kept=keep is not None)
        with (
            _instance(data_dir, view) as instance,
            ApiClient(instance.url, token=instance.admin_token) as client,
        ):
            rows = _send_all(client, folders, view)
            view.show_profiles(_find_profiles(client, rows))
            for catalog in _catalogs(folders):
                view.show_catalog(catalog, client.list_items(catalog.name))
            view.show_totals(rows)
            view.show_next_steps(examples_dir(), kept=keep)
    return 0 if all(row.is_expected for row in rows) else _DIFFERS


@contextmanager
def _data_dir(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="transformer-demo-") as folder:
            yield Path(folder)
        return
    if keep.exists() and any(keep.iterdir()):
        raise UsageError(
            f"The folder {keep} is not empty, and the demo begins from nothing.",
            hint="Name a new folder with --keep.",
        )
    yield keep


def _instance(data_dir: Path, view: DemoView) -> Instance:
    # Nothing of the environment's: a demo must not write into somebody's real database.
    settings = load_settings(
        data_dir=data_dir, host="127.0.0.1", port=0, redis_url="", database_url="", admin_token=""
    )
    return Instance(settings, report=view.report, log_path=data_dir / _LOG)


def _send_all(
    client: ApiClient, folders: Sequence[TransformationFolder], view: DemoView
) -> list[Row]:
    for catalog in _catalogs(folders):
        client.make_catalog(catalog)
    view.begin_webhooks()
    rows = []
    for folder in folders:
        made = client.make_transformation(folder)
        view.begin_example(folder)
        for case in folder.cases:
            row = _row(case, client.deliver(made, case))
            view.show_row(row)
            rows.append(row)
    return rows


def _catalogs(folders: Sequence[TransformationFolder]) -> list[FolderCatalog]:
    """List the catalogs that the examples need; several may need the same one."""
    by_name = {catalog.name: catalog for folder in folders for catalog in folder.catalogs}
    return list(by_name.values())


def _row(case: Case, delivered: Delivered) -> Row:
    delivery = delivered.delivery
    outcome = Outcome(
        verdict=_VERDICTS[State(delivery["outcome"])],
        output=delivery["output"],
        errors=tuple(problem_from_json(error) for error in delivery["errors"]),
    )
    return Row(
        case=case,
        state=State(delivery["outcome"]),
        operations=tuple(delivery["operations"]),
        errors=outcome.errors,
        seconds=delivered.seconds,
        differences=tuple(compare(case.expected, outcome)),
    )


def _find_profiles(client: ApiClient, rows: Sequence[Row]) -> list[JsonObject]:
    """Find every profile that an operation named, in the order of their first appearance."""
    found: dict[str, JsonObject] = {}
    asked: set[tuple[tuple[str, str], ...]] = set()
    for row in rows:
        for operation in row.operations:
            identifier = _identifier(operation["object"])
            key = tuple(identifier.items())
            if not identifier or key in asked:
                continue
            asked.add(key)
            for profile in client.find_profiles(identifier):
                found.setdefault(profile["braze_id"], profile)
    return list(found.values())


def _identifier(changed: JsonObject) -> dict[str, str]:
    alias = changed.get("user_alias")
    if alias:
        return {"alias_label": alias["alias_label"], "alias_name": alias["alias_name"]}
    return next(({name: changed[name]} for name in _IDENTIFIERS if changed.get(name)), {})
