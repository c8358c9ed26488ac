"""`transformer run`: code over one payload in the production sandbox; nothing is written."""

import sys
from pathlib import Path

import orjson

from transformer.cli.documents import read_code, read_destination, read_headers, read_payload
from transformer.cli.outcome_view import print_outcome
from transformer.cli.terminal import results
from transformer.clock import SystemClock, to_text
from transformer.delivery import Outcome, Verdict
from transformer.event import train_case
from transformer.ids import WorkspaceId
from transformer.settings import Settings, load_settings
from transformer.transformation import Destination
from transformer.worker.check import MOST_PROBLEMS, Checker
from transformer.worker.pool import open_pool
from transformer.worker.preview import Preview
from transformer.worker.transform import Transformer

_FAILED = 1
_OWNER = WorkspaceId("command-line")
_NO_EVENT_ID = "evt_" + "0" * 32


def run_code(
    code: Path, payload: Path, *, headers: Path | None, destination: str, as_json: bool
) -> int:
    """Run code once and print the outcome; return 0 if it is ok or skipped, 1 if it failed.

    Raises:
        UsageError: a file is missing or not what it should be, or there is no such destination.
    """
    target = read_destination(destination)
    settings = load_settings()
    text = read_code(code)
    body = read_payload(payload, most_bytes=settings.max_body_bytes)
    outcome = _run(
        settings,
        text,
        payload=body,
        headers={train_case(name): value for name, value in read_headers(headers).items()},
        destination=target,
        name=code.stem,
    )
    if as_json:
        sys.stdout.write(
            orjson.dumps(outcome.as_json(), option=orjson.OPT_INDENT_2).decode() + "\n"
        )
    else:
        print_outcome(results(), outcome, code=text, name=str(code))
    return _FAILED if outcome.verdict is Verdict.FAILED else 0


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
