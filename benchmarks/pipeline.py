"""The whole way: HTTP to applied operation, with the load generator on the same cores."""

import asyncio
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import orjson

from benchmarks.results import Measured, Peer
from transformer.cli.sender import Summary, prepare, read_target, send_all
from transformer.settings import load_settings
from transformer.supervisor import Instance

WEBHOOKS = 50_000
ROUNDS = 5
PEOPLE = 10_000
CONNECTIONS = 96
IDLE_WEBHOOKS = 200
IDLE_ROUNDS = 3
IDLE_PAUSE_S = 0.03
_DRAINED_WITHIN_S = 120
# Counting reads an index of all rows, on the cores that are measured: not too often.
_COUNT_EVERY_S = 0.1

ORDER = """
// An order: who bought, and what happened.
if (payload.type !== "order.created") return;
const order = payload.order;
const total = order.lines.reduce((sum, line) => sum + line.price * line.quantity, 0);
return {
  attributes: [
    {
      external_id: order.customer.id,
      _update_existing_only: false,
      email: order.customer.email,
      first_name: order.customer.first_name,
      last_order_total: total,
      orders: { inc: 1 },
    },
  ],
  events: [
    {
      external_id: order.customer.id,
      name: "order_created",
      time: order.created_at,
      properties: { number: order.number, total, currency: order.currency, lines: order.lines.length },
    },
  ],
};
"""

_NO_OP = """
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})
"""


def order_body(number: int) -> bytes:
    """Make the body of one order webhook, about 1 KB, that of a small shop."""
    customer = number % PEOPLE
    return orjson.dumps(
        {
            "id": f"whk_{number:08d}",
            "type": "order.created",
            "shop": {"id": 4711, "domain": "tea-house.example", "plan": "standard"},
            "order": {
                "number": number,
                "created_at": "2026-01-15T09:30:00.000Z",
                "currency": "EUR",
                "customer": {
                    "id": f"customer-{customer}",
                    "email": f"customer-{customer}@example.com",
                    "first_name": "Ada",
                    "last_name": "Example",
                    "address": {"street": "1 Main Street", "city": "Lyon", "country": "FR"},
                },
                "lines": [
                    {
                        "sku": f"tea-{line}",
                        "title": "Green tea, first harvest",
                        "quantity": line + 1,
                        "price": 7.5 + line,
                        "properties": {"organic": True, "weight_g": 100 * (line + 1)},
                    }
                    for line in range(4)
                ],
            },
        }
    )


@contextmanager
def running_instance() -> Iterator[Instance]:
    """Start everything with embedded defaults on throwaway data."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = load_settings(data_dir=Path(folder) / "data", port=0)
        with Instance(settings, log_path=Path(folder) / "log") as instance:
            yield instance


def make_transformation(instance: Instance) -> tuple[str, str]:
    """Create and publish the order transformation; gives its id and URL."""
    with httpx.Client(
        base_url=instance.url,
        headers={"authorization": f"Bearer {instance.admin_token}"},
        timeout=30,
    ) as client:
        answer = client.post(
            "/api/transformations",
            json={"name": "Orders", "destination": "track", "code": ORDER},
        )
        answer.raise_for_status()
        made = answer.json()
        client.post(f"/api/transformations/{made['id']}/publish", json={}).raise_for_status()
    return made["id"], made["url"]


def measure() -> list[Measured]:
    """Measure throughput, CPU by process, and latency when idle."""
    no_op = no_op_per_s()
    with running_instance() as instance:
        transformation_id, url = make_transformation(instance)
        _send(url, 0, 2_000)
        _wait_for(instance, transformation_id, 2_000)
        done = 2_000
        rates = []
        cpu: dict[str, float] = {}
        for _ in range(ROUNDS):
            rate, cpu = _round(instance, transformation_id, url, done)
            done += WEBHOOKS
            rates.append(rate)
        idle = [sorted(_idle_latencies(instance, url)) for _ in range(IDLE_ROUNDS)]
    return [
        Measured(
            "pipeline.webhooks_per_s",
            "webhooks/s",
            "higher",
            rates,
            target=4_000,
            peers=[Peer("uvicorn no-op handler, same load", no_op)],
            notes={f"cpu_us_per_webhook.{role}": round(value, 1) for role, value in cpu.items()},
        ),
        Measured(
            "pipeline.applied_p50_ms",
            "ms",
            "lower",
            [latencies[len(latencies) // 2] for latencies in idle],
            target=25,
        ),
        Measured(
            "pipeline.applied_p99_ms",
            "ms",
            "lower",
            [latencies[int(len(latencies) * 0.99)] for latencies in idle],
        ),
    ]


def no_op_per_s() -> float:
    """Measure the load generator against a server that does nothing: the ceiling of both."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        (Path(folder) / "no_op.py").write_text(_NO_OP, "utf-8")
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "uvicorn", "no_op:app", "--port", str(port)]
        command += ["--no-access-log", "--log-level", "error", "--lifespan", "off"]
        server = subprocess.Popen(command, cwd=folder)  # noqa: S603
        try:
            _wait_for_port(port)
            return _send(f"http://127.0.0.1:{port}/in/x", 0, 20_000).per_second
        finally:
            server.terminate()
            server.wait()


def _round(
    instance: Instance, transformation_id: str, url: str, done: int
) -> tuple[float, dict[str, float]]:
    before = _cpu_seconds(instance.pids)
    own = time.process_time()
    started = time.perf_counter()
    summary = _send(url, done, WEBHOOKS)
    sent = time.perf_counter() - started
    _wait_for(instance, transformation_id, done + WEBHOOKS)
    seconds = time.perf_counter() - started
    if summary.accepted != WEBHOOKS:
        message = f"{WEBHOOKS - summary.accepted} were not accepted: {summary.statuses}"
        raise RuntimeError(message)
    after = _cpu_seconds(instance.pids)
    cpu = {role: (after[role] - before.get(role, 0.0)) / WEBHOOKS * 1e6 for role in after}
    cpu["load"] = (time.process_time() - own) / WEBHOOKS * 1e6
    told = " ".join(f"{role} {value:.0f}" for role, value in cpu.items())
    print(
        f"  {WEBHOOKS / seconds:,.0f} webhooks/s (accepted at {WEBHOOKS / sent:,.0f}/s), "
        f"p50 {summary.latency_ms(0.5):.1f} p99 {summary.latency_ms(0.99):.1f} ms; "
        f"µs of CPU a webhook: {told}",
        flush=True,
    )
    return WEBHOOKS / seconds, cpu


def _send(url: str, first: int, count: int) -> Summary:
    target = read_target(url)
    requests = [prepare(target, order_body(number), {}) for number in range(first, first + count)]
    return asyncio.run(send_all(url, requests, concurrency=CONNECTIONS))


def _wait_for(instance: Instance, transformation_id: str, count: int) -> None:
    """Wait until so many deliveries are applied, counted in the store."""
    deadline = time.monotonic() + _DRAINED_WITHIN_S
    statement = "select count(*) from deliveries where transformation_id = ? and state = 'applied'"
    with closing(_store(instance)) as store:
        while True:
            (found,) = store.execute(statement, (transformation_id,)).fetchone()
            if found == count:
                return
            if found > count or time.monotonic() > deadline:
                message = f"{found} deliveries are applied, {count} were accepted"
                raise RuntimeError(message)
            time.sleep(_COUNT_EVERY_S)


def _idle_latencies(instance: Instance, url: str) -> list[float]:
    """Measure, one webhook at a time, from sending it to its delivery standing in the store."""
    latencies = []
    with closing(_store(instance)) as store, httpx.Client() as client:
        for number in range(IDLE_WEBHOOKS):
            time.sleep(IDLE_PAUSE_S)
            body = order_body(number)
            started = time.perf_counter()
            event_id = client.post(url, content=body).json()["event_id"]
            while not store.execute(
                "select 1 from deliveries where event_id = ?", (event_id,)
            ).fetchone():
                time.sleep(0.0005)
            latencies.append((time.perf_counter() - started) * 1_000)
    return latencies


def _store(instance: Instance) -> sqlite3.Connection:
    return sqlite3.connect(instance.database_url.removeprefix("sqlite:///"), timeout=30)


def _cpu_seconds(pids: dict[str, list[int]]) -> dict[str, float]:
    """Read what each role has used of the CPU, what descends from it (the sandbox's guests) included."""
    tick = os.sysconf("SC_CLK_TCK")
    used: dict[str, float] = {}
    for role, own in pids.items():
        for pid in own:
            used[role] = used.get(role, 0.0) + _ticks(pid) / tick
            for child in _descendants(pid):
                key = f"{role}.guest"
                used[key] = used.get(key, 0.0) + _ticks(child) / tick
    return used


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _descendants(pid: int) -> Sequence[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        children = list(map(int, (task / "children").read_text("ascii").split()))
        found += children
        for child in children:
            found += _descendants(child)
    return found


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    message = f"nothing listens on port {port}"
    raise RuntimeError(message)
