"""Each invariant, the line that holds it, and the test that fails without that line.

``python -m tests.crash.mechanisms`` takes the lines out one after another, in a copy of the tree, and
runs the test that must fail then; ``I6`` behind it does so for one invariant. It takes minutes and
is run by hand; that lines and tests are still where this says is held by `test_mechanisms.py`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

ROOT = Path(__file__).parents[2]
_COPIED = ("transformer", "sandbox", "tests", "examples", "pyproject.toml")
_TESTS_FAILED = 1

_POINTS = "tests/crash/test_stopped_at_a_point.py"
_AT_POINT = "test_i4_what_was_acknowledged_counts_once_whatever_is_killed_at_this_point"
_QUEUE = "tests/integration/test_queue.py"
_DRAINS = "tests/integration/test_drains.py"


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One thing that an invariant stands on.

    Args:
        invariant: I1 to I8.
        what: the mechanism, in a few words.
        file: where it is, from the root of the tree.
        line: its text, which is there once.
        without: what stands in its place when it is taken out.
        test: the test that fails then, as pytest names it.
    """

    invariant: str
    what: str
    file: str
    line: str
    without: str
    test: str


MECHANISMS = (
    Mechanism(
        "I1",
        "a stream whose drain vanished gets another",
        "transformer/queue/rescue.py",
        "if job is not None and not 0 <= int(deadline) - now_ms <= self._longest_lease_ms",
        "if job is None",
        f"{_POINTS}::{_AT_POINT}[worker.mid-transform, itself killed]",
    ),
    Mechanism(
        "I1",
        "a drain that rescue named is looked after like any other",
        "transformer/queue/scripts/rescue.lua",
        "redis.call('HSET', KEYS[1], 'job', ARGV[2], 'state', 'queued', 'deadline', now + 2000)",
        "redis.call('HSET', KEYS[1], 'job', ARGV[2], 'state', 'queued', 'deadline', now + 2000000)",
        f"{_POINTS}::test_i1_a_drain_that_rescue_named_and_did_not_enqueue_is_found_again[itself]",
    ),
    Mechanism(
        "I1",
        "a stream with a backlog keeps its mark",
        "transformer/queue/scripts/finish.lua",
        "if redis.call('XLEN', KEYS[2]) == 0 then",
        "if true then",
        f"{_POINTS}::test_i1_a_backlog_that_was_handed_over_and_not_enqueued_is_rescued[worker]",
    ),
    Mechanism(
        "I1",
        "a drain in the middle of a long batch says that it lives",
        "transformer/queue/scripts/renew.lua",
        "redis.call('HSET', KEYS[1], 'deadline', math.max(tonumber(mark[2]), now + ARGV[2]))",
        "",
        f"{_POINTS}::test_i1_a_process_that_takes_long_over_a_batch_says_that_it_lives"
        "[worker.mid-transform]",
    ),
    Mechanism(
        "I2",
        "who does not own the mark settles nothing",
        "transformer/queue/scripts/settle.lua",
        "if redis.call('HGET', KEYS[1], 'job') ~= ARGV[1] or generation(KEYS[6]) ~= ARGV[6] then",
        "if generation(KEYS[6]) ~= ARGV[6] then",
        f"{_QUEUE}::test_i2_a_drain_that_was_taken_for_dead_can_neither_take_nor_settle",
    ),
    Mechanism(
        "I2",
        "who does not own the mark ends no drain",
        "transformer/queue/scripts/finish.lua",
        "if redis.call('HGET', KEYS[1], 'job') ~= ARGV[1] then",
        "if false then",
        f"{_QUEUE}::test_i2_a_drain_that_was_taken_for_dead_cannot_end_its_successors",
    ),
    Mechanism(
        "I2",
        "the position moves by compare-and-set",
        "transformer/store/positions.py",
        "return moved.rowcount == 1",
        "return True",
        f"{_DRAINS}::test_i2_a_writer_that_was_taken_for_dead_cannot_commit",
    ),
    Mechanism(
        "I3",
        "a drain gives way to streams that wait",
        "transformer/queue/slices.py",
        "if elapsed >= TURN_S * weight and self._jobs.is_waiting(kind):",
        "if False:",
        f"{_DRAINS}::test_i3_a_drain_gives_way_to_others_long_before_its_slice_ends",
    ),
    Mechanism(
        "I4",
        "201 only after Redis holds it",
        "transformer/ingest/accept.py",
        'self._stops.reach("before-append")',
        'self._stops.reach("before-append"); [webhook.answer(held_as) for webhook, held_as in held]',
        f"{_POINTS}::test_i4_nothing_is_acknowledged_before_redis_holds_it",
    ),
    Mechanism(
        "I4",
        "Redis writes down what it holds",
        "transformer/supervisor/valkey.py",
        '"appendonly": "yes",',
        '"appendonly": "no",',
        f"{_POINTS}::{_AT_POINT}[worker.before-claim, valkey killed]",
    ),
    Mechanism(
        "I5",
        "a batch leaves the stream where its settlements are appended",
        "transformer/queue/scripts/settle.lua",
        "redis.call('XTRIM', KEYS[2], 'MINID', ARGV[4])",
        "",
        f"{_POINTS}::{_AT_POINT}[worker.after-settle, itself killed]",
    ),
    Mechanism(
        "I5",
        "a batch that is gone is not settled again",
        "transformer/queue/scripts/settle.lua",
        "if #first == 0 or first[1][1] ~= ARGV[3] then",
        "if false then",
        f"{_QUEUE}::test_i5_a_batch_that_was_settled_is_not_settled_again",
    ),
    Mechanism(
        "I6",
        "the writer reads behind its position",
        "transformer/writer/drain.py",
        'after_id=position.entry_id if position else "",',
        'after_id="",',
        f"{_POINTS}::{_AT_POINT}[writer.after-commit, itself killed]",
    ),
    Mechanism(
        "I7",
        "settlements are in the order of their events",
        "transformer/worker/drain.py",
        "fields = [field for settlement in settlements for field in to_fields(settlement)]",
        "fields = [field for settlement in reversed(settlements) for field in to_fields(settlement)]",
        "tests/acceptance/test_order.py::test_i7_effects_come_in_the_order_of_acceptance",
    ),
    Mechanism(
        "I8",
        "what was taken and not settled is counted",
        "transformer/queue/scripts/take.lua",
        "tries = tonumber(mark[3]) + 1",
        "tries = 1",
        f"{_POINTS}::test_i8_an_event_whose_worker_is_killed_each_time_is_a_dead_letter",
    ),
    Mechanism(
        "I8",
        "what breaks the writer is applied one by one",
        "transformer/writer/drain.py",
        "if batch.tries <= _TRIES_TOGETHER:",
        "if True:",
        f"{_DRAINS}::test_i8_a_settlement_that_breaks_the_writer_stops_no_one_else",
    ),
)


def without(mechanism: Mechanism) -> str:
    """Give the text of the mechanism's file without it."""
    text = (ROOT / mechanism.file).read_text("utf-8")
    return text.replace(mechanism.line, mechanism.without)


def fails_without(mechanism: Mechanism, folder: Path) -> bool:
    """Say whether the test fails in a copy of the tree that lacks the mechanism."""
    for name in _COPIED:
        source, copy = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy)
    (folder / mechanism.file).write_text(without(mechanism), "utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", mechanism.test],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        check=False,
    )
    return ended.returncode == _TESTS_FAILED


def main(wanted: Sequence[str]) -> int:
    """Take out the mechanisms of these invariants, or all; gives the exit status."""
    console = Console(soft_wrap=True)
    idle = 0
    for mechanism in MECHANISMS:
        if wanted and mechanism.invariant not in wanted:
            continue
        with tempfile.TemporaryDirectory(prefix="without-") as folder:
            fails = fails_without(mechanism, Path(folder))
        idle += not fails
        verdict = "fails, as it must" if fails else "PASSES without it"
        name = mechanism.test.partition("::")[2]
        console.print(
            f"{mechanism.invariant} without “{mechanism.what}”: {name} {verdict}", markup=False
        )
    return int(idle > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
