"""I3: what a busy workspace does to a quiet one, with real processes.

Take both ends out of Slices._step_on, the slice's and the look at `is_waiting`, to see this fail: the
busy stream keeps the worker until it is empty. Each end has a test of its own in test_drains.py; how
many milliseconds it really is stands in benchmarks/fairness.py.
"""

import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

from tests.support.system import Made, System, running_system
from tests.support.waiting import wait_until
from transformer.ids import WorkspaceId, new_workspace_id
from transformer.store.engine import open_engine, writing
from transformer.store.workspaces import create_workspace
from transformer.workspace import Workspace

QUIET = "return { attributes: [{ external_id: 'quiet', hits: { inc: 1 } }] };"
BURNING = "while (true) {}"
RUN_TIMEOUT_MS = 500
BURNT = 12


def busy_workspace(system: System) -> WorkspaceId:
    workspace = Workspace(id=new_workspace_id(), name="Busy")
    engine = open_engine(system.instance.database_url)
    with writing(engine) as connection:
        create_workspace(connection, workspace=workspace, now=datetime.now(UTC))
    engine.dispose()
    return workspace.id


def make_in(system: System, workspace_id: WorkspaceId, code: str) -> Made:
    made = system.call(
        "POST",
        "/api/transformations",
        params={"workspace": workspace_id},
        json={"name": "Busy", "destination": "track", "code": code, "publish": True},
    )
    return Made(made["id"], made["url"])


def seconds_to_apply(system: System, quiet: Made) -> float:
    started = time.monotonic()
    system.delivery_of(system.post(quiet.url, {}))
    return time.monotonic() - started


def test_i3_a_flood_or_code_that_never_ends_delays_another_workspace_by_little(
    tmp_path: Path,
) -> None:
    with running_system(tmp_path / "data", run_timeout_ms=RUN_TIMEOUT_MS) as system:
        quiet = system.make("Quiet", QUIET)
        seconds_to_apply(system, quiet)
        workspace_id = busy_workspace(system)

        flooded = make_in(system, workspace_id, QUIET)
        bodies = [b"{}"] * 4_000
        assert {one.status for one in system.send(flooded.url, bodies, concurrency=64)} == {201}
        behind_a_flood = seconds_to_apply(system, quiet)
        applied = system.count(flooded)

        burner = make_in(system, workspace_id, BURNING)
        for _ in range(BURNT):
            assert httpx.post(burner.url, content=b"{}").status_code == 201
        behind_a_burner = seconds_to_apply(system, quiet)
        burnt = system.count(burner)
        wait_until("the flood is over", lambda: system.count(flooded) == 4_000, within_s=60)
    assert behind_a_flood < 2 or applied == 4_000
    # One event's time limit, and what the machine adds; in its turn it would be twelve of them.
    assert behind_a_burner < 0.75 * BURNT * RUN_TIMEOUT_MS / 1_000
    assert burnt < BURNT
