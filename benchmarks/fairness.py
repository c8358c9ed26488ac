"""What a quiet workspace notices of a busy one: a flood of webhooks, and code that never ends.

One webhook at a time is sent by the quiet workspace and looked for in the store, alone, and then while
another workspace does its worst. The flood comes from a process of its own, on the same cores.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import httpx

from benchmarks.orders import ORDER, order_body
from benchmarks.results import Measured, percentile
from benchmarks.system import System, running_system
from transformer.ids import WorkspaceId, new_workspace_id
from transformer.store.engine import open_engine, writing
from transformer.store.workspaces import create_workspace
from transformer.workspace import Workspace

FLOOD, QUICK_FLOOD = 100_000, 5_000
ALONE, QUICK_ALONE = 200, 20
ROUNDS, QUICK_ROUNDS = 3, 1
BURNING, QUICK_BURNING = 40, 5

_PAUSE_S = 0.03
_POLL_S = 0.0005
_BURN = "while (true) {}"
_SEND = (
    "import sys; from benchmarks.load import *; send(sys.argv[1], requests_for(sys.argv[1], 0, {}))"
)


def measure(*, quick: bool = False) -> list[Measured]:
    """Measure the 99th percentile of the quiet workspace: alone, behind a flood, behind a burner."""
    rounds, flood = (QUICK_ROUNDS, QUICK_FLOOD) if quick else (ROUNDS, FLOOD)
    alone, flooded, burnt = [], [], []
    with running_system() as system, _another_workspace(system) as workspace_id:
        busy = _transformation(system, workspace_id, ORDER)
        burner = _transformation(system, workspace_id, _BURN)
        for _ in range(rounds):
            quiet = _one_at_a_time(system, QUICK_ALONE if quick else ALONE)
            alone.append(percentile(quiet, 0.99))
            sending = subprocess.Popen(  # noqa: S603 - our own words
                [sys.executable, "-c", _SEND.format(flood), busy]
            )
            latencies: list[float] = []
            while sending.poll() is None:
                latencies += _one_at_a_time(system, 10)
            flooded.append(percentile(latencies, 0.99))
            system.wait_for(flood)
            _tell("alone", quiet)
            _tell(f"behind a flood of {flood:,}", latencies)
        burning = QUICK_BURNING if quick else BURNING
        with httpx.Client() as client:
            for _ in range(burning):
                client.post(burner, content=b"{}").raise_for_status()
        latencies = []
        before = system.store.deliveries() - system.sent
        while system.store.deliveries() - system.sent < before + burning - 2:
            latencies += _one_at_a_time(system, 1)
        burnt.append(percentile(latencies, 0.99))
        _tell("behind code that never ends", latencies)
    ratios = [with_it / without for with_it, without in zip(flooded, alone, strict=True)]
    return [
        Measured(
            "pipeline.fairness_ratio",
            "times",
            "lower",
            ratios,
            target=5,
            notes={
                "alone_p99_ms": round(min(alone), 1),
                "flooded_p99_ms": round(max(flooded), 1),
            },
        ),
        Measured("pipeline.burnt_p99_ms", "ms", "lower", burnt),
    ]


@contextmanager
def _another_workspace(system: System) -> Iterator[WorkspaceId]:
    workspace = Workspace(id=new_workspace_id(), name="Busy")
    engine = open_engine(system.instance.database_url)
    with writing(engine) as connection:
        create_workspace(connection, workspace=workspace, now=datetime.now(UTC))
    engine.dispose()
    yield workspace.id


def _transformation(system: System, workspace_id: WorkspaceId, code: str) -> str:
    """Make a published transformation of the busy workspace; gives its URL."""
    with closing(
        httpx.Client(
            base_url=system.instance.url,
            headers={"authorization": f"Bearer {system.instance.admin_token}"},
        )
    ) as client:
        answer = client.post(
            "/api/transformations",
            params={"workspace": workspace_id},
            json={"name": "Busy", "destination": "track", "code": code, "publish": True},
        )
    return str(answer.raise_for_status().json()["url"])


def _one_at_a_time(system: System, webhooks: int) -> list[float]:
    latencies = []
    with httpx.Client() as client:
        for number in range(webhooks):
            time.sleep(_PAUSE_S)
            body = order_body(number)
            started = time.perf_counter()
            event_id = client.post(system.url, content=body, timeout=30).json()["event_id"]
            while not system.store.rows("select 1 from deliveries where event_id = ?", event_id):
                time.sleep(_POLL_S)
            latencies.append((time.perf_counter() - started) * 1_000)
    system.sent += webhooks
    return latencies


def _tell(how: str, latencies: Sequence[float]) -> None:
    p50, p99, worst = (percentile(latencies, share) for share in (0.5, 0.99, 1.0))
    print(
        f"  a quiet webhook {how}: p50 {p50:.1f}, p99 {p99:.1f}, at most {worst:.1f} ms, "
        f"{len(latencies)} of them",
        flush=True,
    )
