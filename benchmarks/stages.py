"""What a webhook costs in each stage, beside the least that the stage could cost (``floors.py``)."""

import statistics
import time
from contextlib import closing
from pathlib import Path

import redis

from benchmarks import floors
from benchmarks.load import requests_for, send
from benchmarks.pipeline import sustained
from benchmarks.results import Measured, Peer
from benchmarks.system import System, running_system
from transformer.ids import TransformationId, WorkspaceId
from transformer.queue.connection import open_redis
from transformer.queue.keys import events_stream, outcomes_stream

WEBHOOKS, ROUNDS = 50_000, 3
QUICK_WEBHOOKS, QUICK_ROUNDS = 5_000, 1
_SAMPLED = 1_024
_FLOOR_ROUNDS = 10
_FLOOR_BATCHES = 80
_WITHIN_S = 60

_FLOORS = {
    "web": "uvicorn handler that does nothing, one XADD packed",
    "valkey": "bare XADD, XRANGE and XTRIM of the same entries",
    "worker": "the sandbox's host side, output parsed, compiled schema",
    "worker.guest": "V8 in the guest",
    "writer": "sqlite3 executemany of the same rows and commits",
}


def measure(*, quick: bool = False) -> list[Measured]:
    """Measure every stage and its floor, and print them as a table."""
    webhooks, rounds = (QUICK_WEBHOOKS, QUICK_ROUNDS) if quick else (WEBHOOKS, ROUNDS)
    with running_system() as system:
        cpu = [sustained(system, webhooks)[2] for _ in range(rounds)]
        least = _floors(system, webhooks)
    samples = {stage: [used.get(stage, 0.0) for used in cpu] for stage in _FLOORS}
    print(f"\n  {'stage':<14}{'µs measured':>12}{'µs floor':>10}  floor", flush=True)
    for stage, values in samples.items():
        middle = statistics.median(values)
        print(f"  {stage:<14}{middle:>12.1f}{least[stage]:>10.1f}  {_FLOORS[stage]}", flush=True)
    measured = sum(statistics.median(values) for values in samples.values())
    print(f"  {'all':<14}{measured:>12.1f}{sum(least.values()):>10.1f}\n", flush=True)
    return [
        Measured(
            f"stages.{stage}_us",
            "µs CPU",
            "lower",
            values,
            peers=[Peer(f"floor: {_FLOORS[stage]}", least[stage])],
        )
        for stage, values in samples.items()
    ]


def _floors(system: System, webhooks: int) -> dict[str, float]:
    [(workspace_id,)] = system.store.rows(
        "select workspace_id from transformations where id = ?", system.transformation_id
    )
    events_key = events_stream(
        WorkspaceId(workspace_id), TransformationId(system.transformation_id)
    )
    outcomes_key = outcomes_stream(WorkspaceId(workspace_id))
    database = Path(system.instance.database_url.removeprefix("sqlite:///"))
    with closing(open_redis(system.instance.redis_url)) as connection:
        with system.paused("writer"):
            # What stands on the streams, as our own processes wrote it.
            with system.paused("worker"):
                send(system.url, requests_for(system.url, system.sent, _SAMPLED))
                events = _entries(connection, events_key)
            _wait_until_empty(connection, events_key)
            settled = _entries(connection, outcomes_key)
        system.wait_for(_SAMPLED)
        system.check_count()
        with system.paused("web", "worker", "writer", "scheduler"):
            [pid] = system.instance.pids["valkey"]
            host, guest = floors.worker(events, _FLOOR_ROUNDS)
            return {
                "web": floors.web(events[0], webhooks),
                "valkey": floors.valkey(connection, pid, events[0], settled[0], _FLOOR_BATCHES),
                "worker": host,
                "worker.guest": guest,
                "writer": floors.writer(database, webhooks),
            }


def _entries(connection: redis.Redis, stream: str) -> list[list[bytes]]:
    """Read the fields of a stream's entries; names may repeat, so no client may make them a dict."""
    script = "local all = {} for i, e in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do all[i] = e[2] end return all"
    found: list[list[bytes]] = connection.eval(script, 1, stream)
    return found


def _wait_until_empty(connection: redis.Redis, stream: str) -> None:
    deadline = time.monotonic() + _WITHIN_S
    while connection.xlen(stream):
        if time.monotonic() > deadline:
            message = f"{stream} is not drained"
            raise RuntimeError(message)
        time.sleep(0.01)
