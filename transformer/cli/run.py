"""`transformer run`: code over one payload in the production sandbox; nothing is written."""

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import orjson

from transformer.cli.against import Against, looking_at
from transformer.cli.changes_view import print_store
from transformer.cli.documents import read_code, read_destination, read_headers, read_payload
from transformer.cli.outcome_view import print_outcome
from transformer.cli.terminal import results
from transformer.clock import SystemClock, to_text
from transformer.delivery import Outcome, Verdict
from transformer.errors import UsageError
from transformer.event import train_case
from transformer.ids import EventId, WorkspaceId
from transformer.settings import Settings, load_settings
from transformer.transformation import Destination
from transformer.worker.check import MOST_PROBLEMS, Checker
from transformer.worker.pool import open_pool
from transformer.worker.preview import Preview
from transformer.worker.transform import Transformer
from transformer.writer.told import told_on_the_wire

_FAILED = 1
_OWNER = WorkspaceId("command-line")
_NO_EVENT_ID = EventId("evt_" + "0" * 32)


def run_code(
    code: Path,
    payload: Path,
    *,
    headers: Path | None,
    destination: str,
    against: Path | None,
    workspace: str | None,
    as_json: bool,
) -> int:
    """Run code once and print the outcome; return 0 if it is ok or skipped, 1 if there are errors.

    Against a store, what the outcome would change there is printed too, and what the writer would
    not apply is among the errors.

    Raises:
        UsageError: a file is missing or not what it should be, or there is no such destination.
    """
    target = read_destination(destination)
    settings = load_settings(data_dir=against)
    if against is None:
        if workspace is not None:
            raise UsageError(
                "--workspace says which workspace of a store is meant, and no store is given.",
                hint="Add --against DATA_DIR.",
            )
        look: AbstractContextManager[Against | None] = nullcontext()
    else:
        look = looking_at(settings, workspace=workspace)
    text = read_code(code)
    body = read_payload(payload, most_bytes=settings.max_body_bytes)
    named = {train_case(name): value for name, value in read_headers(headers).items()}
    with look as store:
        outcome = _run(
            settings, text, payload=body, headers=named, destination=target, name=code.stem
        )
        changes = store.changes(outcome, event_id=_NO_EVENT_ID) if store else None
    if as_json:
        told = told_on_the_wire(outcome.as_json(), outcome.output) | (
            {} if changes is None else {"changes": changes}
        )
        sys.stdout.write(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        print_outcome(results(), outcome, code=text, name=str(code))
        if changes is not None and store is not None and outcome.verdict is Verdict.OK:
            asked = len(outcome.accepted())
            print_store(results(), changes, place=store.place, asked=asked)
    return _FAILED if outcome.errors or (changes is not None and changes["errors"]) else 0


def _run(
    settings: Settings,
    code: str,
    *,
    payload: bytes,
    headers: dict[str, str],
    destination: Destination,
    name: str,
) -> Outcome:
    with open_pool(settings, max_guests=1, misfits=MOST_PROBLEMS) as pool:
        return Preview(Transformer(pool, Checker())).run(
            workspace_id=_OWNER,
            code=code,
            destination=destination,
            payload=payload,
            headers=headers,
            context={
                "event_id": _NO_EVENT_ID,
                "accepted_at": to_text(SystemClock().now()),
                "source": {"id": None, "name": "command line"},
                "transformation": {"id": None, "name": name, "revision": None},
            },
        )
