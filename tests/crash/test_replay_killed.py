"""A replay whose pump is killed, at each point or again and again, repeats nothing and leaves nothing out.

Remove the look at the cursor in replay.lua to see ``after-page`` fail: a page is appended twice.
"""

import os
import signal
from pathlib import Path

import orjson
import pytest

from tests.support.system import System, running_system
from tests.support.waiting import wait_until

COUNT = 1_600


def _another_runs(system: System, victim: int) -> None:
    wait_until(
        "another scheduler runs",
        lambda: victim not in system.instance.pids.get("scheduler", [victim]),
    )


@pytest.mark.parametrize("point", ["before-page", "after-page"])
def test_a_replay_survives_kill_9_of_whoever_works_it_off(tmp_path: Path, point: str) -> None:
    stops = tmp_path / "stops"
    stops.mkdir()
    (stops / f"scheduler.{point}").touch()
    with running_system(tmp_path / "data", stop_at=str(stops)) as system:
        made = system.make("Later", "throw new Error('not yet');")
        system.send(made.url, [orjson.dumps({"n": n}) for n in range(COUNT)])
        wait_until("all have failed", lambda: system.count(made) == COUNT, within_s=60)
        code = 'return { attributes: [{ external_id: "x", hits: { inc: 1 } }] };'
        system.call("PUT", f"/api/transformations/{made.id}/draft", json={"code": code})
        system.call("POST", f"/api/transformations/{made.id}/publish", json={})
        answer = system.call("POST", "/api/replays", json={"filter": {"outcome": "failed"}})
        (reached,) = wait_until(
            "the point is reached", lambda: list(stops.glob(f"scheduler.{point}.*"))
        )
        victim = int(reached.suffix[1:])
        os.kill(victim, signal.SIGKILL)
        _another_runs(system, victim)
        for _ in range(2):
            (victim,) = system.instance.pids["scheduler"]
            os.kill(victim, signal.SIGKILL)
            _another_runs(system, victim)
        path = f"/api/replays/{answer['id']}"
        wait_until(
            "the replay is done",
            lambda: system.call("GET", path)["state"] == "done",
            within_s=60,
        )
        assert system.count(made) == 2 * COUNT
        assert system.call("GET", path)["settled"]["applied"] == COUNT
        ((distinct,),) = system.rows("select count(distinct replay_of) from deliveries")
        assert distinct == COUNT
        assert system.profile("x")["custom_attributes"]["hits"] == COUNT
