"""What nobody uses costs nothing: transformations that are published and get no webhooks."""

import time
from contextlib import closing
from datetime import UTC, datetime

from benchmarks.load import requests_for, send
from benchmarks.orders import ORDER
from benchmarks.proc import cpu_seconds, descendants
from benchmarks.results import Measured
from benchmarks.system import System, running_system
from transformer.ids import WorkspaceId
from transformer.queue.connection import open_redis
from transformer.queue.streams import Streams
from transformer.store.engine import open_engine, writing
from transformer.store.transformations import create_transformation, publish
from transformer.transformation import Destination

TRANSFORMATIONS, SECONDS, ROUNDS = 10_000, 5, 4
QUICK_TRANSFORMATIONS, QUICK_SECONDS, QUICK_ROUNDS = 200, 1, 2
_GROUP = 500
_SETTLE_S = 3


def measure(*, quick: bool = False) -> list[Measured]:
    """Measure the CPU of all processes with many idle transformations, less that with one."""
    count, seconds, rounds = (
        (QUICK_TRANSFORMATIONS, QUICK_SECONDS, QUICK_ROUNDS)
        if quick
        else (TRANSFORMATIONS, SECONDS, ROUNDS)
    )
    with running_system() as system:
        time.sleep(_SETTLE_S)
        without = [_cpu_percent(system, seconds) for _ in range(rounds)]
        _add(system, count)
        # One webhook more, so that everybody has read the new configuration.
        send(system.url, requests_for(system.url, system.sent, 1))
        system.wait_for(1)
        time.sleep(_SETTLE_S)
        with_them = [_cpu_percent(system, seconds) for _ in range(rounds)]
    base = sorted(without)[len(without) // 2]
    print(
        f"  of one core: {base:.2f} % with one transformation, with {count:,} "
        + ", ".join(f"{percent:.2f} %" for percent in with_them),
        flush=True,
    )
    return [
        Measured(
            "pipeline.idle_transformations_cpu_percent",
            "% of core",
            "lower",
            [percent - base for percent in with_them],
            target=1,
            notes={"cpu_percent.without": round(base, 2), "transformations": float(count)},
        )
    ]


def _cpu_percent(system: System, seconds: float) -> float:
    before = _used(system)
    started = time.perf_counter()
    time.sleep(seconds)
    return (_used(system) - before) / (time.perf_counter() - started) * 100


def _used(system: System) -> float:
    own = [pid for pids in system.instance.pids.values() for pid in pids]
    return sum(cpu_seconds(pid) for parent in own for pid in (parent, *descendants(parent)))


def _add(system: System, count: int) -> None:
    [(workspace_id,)] = system.store.rows(
        "select workspace_id from transformations where id = ?", system.transformation_id
    )
    now = datetime.now(UTC)
    engine = open_engine(system.instance.database_url)
    for first in range(0, count, _GROUP):
        with writing(engine) as connection:
            for number in range(first, min(first + _GROUP, count)):
                transformation, _ = create_transformation(
                    connection,
                    workspace_id=WorkspaceId(workspace_id),
                    name=f"Idle {number}",
                    destination=Destination.TRACK,
                    code=ORDER,
                    now=now,
                )
                publish(connection, transformation=transformation, now=now)
    engine.dispose()
    with closing(open_redis(system.instance.redis_url)) as redis:
        Streams(redis).config_changed()
