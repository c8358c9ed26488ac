"""I4 to I6 at each named point: a process stops there, is killed, and the promise still holds.

Remove the rescue to see ``after-append`` fail, and the writer's reading behind its position to see
``after-commit`` fail. What needs two live drains, the fences, stands in
tests/integration/test_queue.py and test_drains.py.
"""

import os
import signal
from pathlib import Path

import httpx
import pytest

from tests.support.system import is_ready, running_system
from tests.support.waiting import wait_until

COUNTING = """
return { attributes: [{ external_id: "counter", hits: { inc: 1 }, _update_existing_only: false }] };
"""

# Where it stops, and how many of the three webhooks were acknowledged for certain by then.
POINTS = [
    ("before-append", "web"),
    ("after-append", "web"),
    ("mid-transform", "worker"),
    ("before-settle", "worker"),
    ("after-settle", "worker"),
    ("mid-transaction", "writer"),
    ("before-commit", "writer"),
    ("after-commit", "writer"),
]


@pytest.mark.parametrize(("point", "role"), POINTS, ids=[point for point, _ in POINTS])
def test_a_process_killed_at_this_point_neither_loses_nor_repeats(
    tmp_path: Path, point: str, role: str
) -> None:
    reached = tmp_path / "reached"
    with running_system(tmp_path / "data", stop_at=f"{point}@{reached}") as system:
        made = system.make("Counter", COUNTING)
        try:
            acknowledged = httpx.post(made.url, content=b"{}", timeout=2).status_code == 201
        except httpx.HTTPError:
            acknowledged = False
        victim = wait_until(
            "the point is reached", lambda: reached.exists() and reached.read_text()
        )
        os.kill(int(victim), signal.SIGKILL)
        wait_until(
            f"another {role} runs",
            lambda: int(victim) not in system.instance.pids.get(role, [int(victim)]),
        )
        wait_until(
            "the system is ready again",
            lambda: is_ready(system.instance.url),
            within_s=20,
        )
        system.post(made.url, {})
        # An append that was not acknowledged may have happened or not; never may it count twice.
        least = 2 if acknowledged or point == "after-append" else 1
        wait_until("all is applied", lambda: system.count(made) >= least, within_s=30)
        assert system.count(made) == least
        assert system.profile("counter")["custom_attributes"]["hits"] == least
