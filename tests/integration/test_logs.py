"""What a process writes to its log, seen as whoever collects it sees it: lines on standard error."""

import json
import subprocess
import sys
from contextlib import suppress
from typing import Any

import pytest
import structlog

from transformer.errors import StoreUnavailable
from transformer.logs import FloodGate

CANARY = "canary-5f1c7e"


def lines_of(script: str, **options: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text_of(script, form="json", **options).splitlines()]


def text_of(script: str, **options: str) -> str:
    setup = (
        "import asyncio, logging, structlog\n"
        "from transformer.errors import StoreUnavailable\n"
        "from transformer.logs import configure_logs\n"
        f"configure_logs('worker', **{options!r})\n"
        "log = structlog.get_logger()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", setup + script], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr


def test_a_line_is_one_json_object_with_its_name_and_its_process() -> None:
    (line,) = lines_of("log.info('batch.settled', events=3, ratio=float('nan'))")
    assert line["event"] == "batch.settled"
    assert line["process"] == "worker"
    assert line["events"] == 3
    assert line["level"] == "info"


def test_lines_below_the_level_are_not_written() -> None:
    script = "log.info('batch.settled'); log.warning('drain.fenced')"
    assert [line["event"] for line in lines_of(script, level="warning")] == ["drain.fenced"]


BROKEN = f"""
def settle(payload):
    secret = payload
    raise KeyError(payload)
try:
    try:
        settle({CANARY!r})
    except KeyError as error:
        raise ValueError({CANARY!r}) from error
except ValueError:
    log.exception('settlement.broke', event_id='evt_1')
"""


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_traceback_tells_types_and_places_and_no_values(form: str) -> None:
    """Fails with structlog's own renderers: they write messages and the values of variables."""
    text = text_of(BROKEN, form=form)
    assert CANARY not in text
    assert "ValueError" in text
    assert "KeyError" in text
    assert "settle" in text


def test_an_error_of_ours_is_told_with_its_message() -> None:
    script = """
try:
    raise StoreUnavailable('The database does not answer.')
except StoreUnavailable:
    log.exception('request.broke')
"""
    (line,) = lines_of(script)
    assert line["exception"][0]["message"] == "The database does not answer."
    assert line["exception"][0]["type"].endswith(StoreUnavailable.__name__)


def test_what_libraries_log_has_the_same_form_and_quotes_nothing() -> None:
    script = f"""
logging.getLogger('sandbox').warning('Guest %d is gone', 7)
async def broken():
    raise ValueError({CANARY!r})
async def main():
    task = asyncio.ensure_future(broken())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    import gc; gc.collect()
asyncio.run(main())
"""
    guest, task = lines_of(script)
    assert (guest["event"], guest["logger"], guest["message"]) == (
        "library.logged",
        "sandbox",
        "Guest 7 is gone",
    )
    assert task["logger"] == "asyncio"
    assert CANARY not in json.dumps(task)


def test_a_flood_of_one_failure_is_ten_lines_and_then_a_count() -> None:
    """Fails without FloodGate among the processors."""
    script = """
for _ in range(5_000):
    log.warning('drain.failed', code='store_unavailable')
    log.info('batch.settled')
log.warning('drain.failed', code='queue_unavailable')
"""
    lines = lines_of(script)
    assert sum(line.get("code") == "store_unavailable" for line in lines) == 10
    assert sum(line.get("code") == "queue_unavailable" for line in lines) == 1
    assert sum(line["event"] == "batch.settled" for line in lines) == 5_000


def test_the_line_after_a_flood_says_how_many_were_left_out() -> None:
    now = 0.0
    gate = FloodGate(lambda: now)
    passed = []
    for _ in range(25):
        with suppress(structlog.DropEvent):
            passed.append(gate(None, "warning", {"event": "drain.failed"}))
    assert len(passed) == 10
    now = 11.0
    assert gate(None, "warning", {"event": "drain.failed"}) == {
        "event": "drain.failed",
        "left_out": 15,
    }
