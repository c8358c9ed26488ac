"""A guest of the sandbox hangs, as a process that is stopped does."""

import os
import signal
from collections import Counter
from pathlib import Path

from tests.support.load import counting
from tests.support.system import System
from tests.support.waiting import wait_until


def children_of(pid: int) -> list[int]:
    return [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


def leaves_of(pid: int) -> list[int]:
    """Give the processes below this one that have none below themselves."""
    children = children_of(pid)
    return [leaf for child in children for leaf in (leaves_of(child) or [child])]


def test_a_guest_that_hangs_is_replaced_and_its_events_are_settled(system: System) -> None:
    load = counting(system, "hanging")
    load.send()
    load.assert_exactly_once()
    (worker,) = system.instance.pids["worker"]
    hanging = leaves_of(worker)
    for guest in hanging:
        os.kill(guest, signal.SIGSTOP)
    load.send()
    wait_until("all are in the log", lambda: len(load.logged()) == 80, within_s=60)
    states = Counter(
        system.rows(
            "select state, error_code from deliveries where transformation_id = ?", load.made.id
        )
    )
    # One event may have been at its turn when its guest hung; its neighbours go on.
    assert states[("applied", None)] >= 79, states
    assert states.keys() <= {("applied", None), ("failed", "timed_out"), ("failed", "died")}
    assert not set(hanging) & set(leaves_of(worker))
    assert system.instance.pids["worker"] == [worker]
