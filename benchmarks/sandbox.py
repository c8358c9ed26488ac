"""The sandbox alone: throughput beside isolated-vm, latency, starting, memory.

*On one core* means: host and guest are both pinned to the same CPU, and wall time is counted. So
nothing that the guest does hides behind the host on a second core, nor the other way round, and
waiting for each other counts as well. The peers are pinned to that CPU too, and measured in turn
with us, round by round, since the speed of a shared machine changes while one measures.

Each figure comes from :class:`SandboxPool` alone, and so contains the way through the process wall.
Validation of the output is not included. Latency, starting and memory are not pinned.
"""

import gc
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import orjson

from benchmarks import isolated_vm
from benchmarks.node import PeerMissing
from benchmarks.proc import cpu_seconds, private_mb, resident_mb
from benchmarks.results import Measured, Peer
from sandbox import Call, Limits, Program, Result, Returned, SandboxPool

ROUNDS = 7
BATCH = 256
EVENTS = 80 * BATCH
AWAIT_EVENTS = 8 * BATCH
SINGLE_RUNS = 2_000
STARTS = 5
GUESTS = 4
# What idles is meant to have worked before, and to have had the time to tidy up.
WORKED_EVENTS = 20 * BATCH
IDLE_S = 2.5

# An order: who bought, and what.
ORDER = """
const { customer, line_items } = payload;
const external_id = String(customer.id);
const total = line_items.reduce((sum, line) => sum + Number(line.price) * line.quantity, 0);
return {
  attributes: [
    {
      external_id,
      email: customer.email,
      first_name: customer.first_name,
      last_name: customer.last_name,
      home_city: customer.default_address?.city,
      last_order_at: payload.created_at,
      last_order_total: total,
      orders_placed: { inc: 1 },
    },
  ],
  events: [
    {
      external_id,
      name: "Order Placed",
      time: payload.created_at,
      properties: {
        order_number: payload.name,
        currency: payload.currency,
        total,
        skus: line_items.map((line) => line.sku),
      },
    },
  ],
};
"""
_PROGRAM = Program(
    key="order",
    code=ORDER,
    context={"transformation": {"id": "trf_1", "name": "Orders", "revision": 7}},
)
_AWAITING = Program(key="order-await", code=f"await null;{ORDER}", context=_PROGRAM.context)

_PEERS: Sequence[tuple[Literal["isolate", "context", "warm"], str, float | None, int]] = [
    ("isolate", "isolated-vm, new isolate an event", None, 100),
    ("context", "isolated-vm, new context an event", 20, 500),
    ("warm", "isolated-vm, one warm context, which guarantees nothing", 0.4, 20_000),
]


class _Rate(NamedTuple):
    """One round of many events."""

    events_per_s: float
    host_us: float
    guest_us: float


def order_call(number: int) -> Call:
    """Make the call of one order webhook of ten lines, about 2 KB, as shops send them."""
    order = {
        "id": 5_500_000_000_000 + number,
        "name": f"#{number}",
        "created_at": "2026-01-15T09:30:00+01:00",
        "currency": "EUR",
        "financial_status": "paid",
        "total_price": f"{275 + number % 100}.50",
        "customer": {
            "id": 7_000_000_000_000 + number,
            "email": f"customer-{number}@example.com",
            "first_name": "Zoë",
            "last_name": "Example",
            "default_address": {"address1": "1 Main Street", "city": "Lyon", "country": "FR"},
        },
        "line_items": [
            {
                "id": 14_000_000_000_000 + 10 * number + line,
                "product_id": 8_100_000_000_000 + line,
                "sku": f"TEA-{line:03d}",
                "title": "Green tea, first harvest",
                "quantity": 1 + (number + line) % 3,
                "price": f"{5 + line}.50",
                "taxable": True,
            }
            for line in range(10)
        ],
    }
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Shop-Webhooks/1.0",
        "X-Shop-Topic": "orders/paid",
        "X-Shop-Domain": "tea-house.example",
        "X-Shop-Webhook-Id": f"b54557e4-bdd9-4b37-8a5f-{number:012d}",
    }
    context = {
        "event_id": f"evt_{number:026d}",
        "accepted_at": "2026-01-15T08:30:00.000Z",
        "source": {"id": "src_1", "name": "Shop"},
    }
    return Call(orjson.dumps(order), orjson.dumps(headers), orjson.dumps(context))


def measure() -> list[Measured]:
    """Measure everything; nothing is compared with isolated-vm where it cannot be had."""
    calls = [order_call(number) for number in range(EVENTS)]
    # They are the benchmark's: looking through them for garbage is no work of the sandbox.
    gc.freeze()
    return [
        *_throughput(calls),
        _single_run(calls[0]),
        _cold_start(calls[0]),
        _memory(calls[:WORKED_EVENTS]),
    ]


def _throughput(calls: Sequence[Call]) -> list[Measured]:
    rates, awaiting = [], []
    peer_rates: dict[str, list[float]] = {mode: [] for mode, *_ in _PEERS}
    with _one_core(), SandboxPool(limits=Limits()) as pool:
        [expected] = pool.run("wsp_1", _PROGRAM, calls[:1])
        _run_all(pool, _PROGRAM, calls[: 4 * BATCH])
        _run_all(pool, _AWAITING, calls[:BATCH])
        with_peers = _peers_can_be_had()
        for _ in range(ROUNDS):
            rates.append(_rate(pool, _PROGRAM, calls))
            awaiting.append(_rate(pool, _AWAITING, calls[:AWAIT_EVENTS]))
            if with_peers:
                for mode, _, _, events in _PEERS:
                    peer_rates[mode].append(_peer_rate(mode, calls, events, expected))
            _tell_round(rates[-1], awaiting[-1], peer_rates)
    middle = sorted(rates)[len(rates) // 2]
    peers = [
        Peer(name, statistics.median(peer_rates[mode]), at_least)
        for mode, name, at_least, _ in _PEERS
        if peer_rates[mode]
    ]
    return [
        Measured(
            "sandbox.events_per_s",
            "events/s",
            "higher",
            [rate.events_per_s for rate in rates],
            target=60_000,
            peers=peers,
            notes={
                "cpu_us_per_event.host": round(middle.host_us, 2),
                "cpu_us_per_event.guest": round(middle.guest_us, 2),
                "payload_bytes": len(calls[0].payload),
            },
        ),
        Measured(
            "sandbox.await_events_per_s",
            "events/s",
            "higher",
            [rate.events_per_s for rate in awaiting],
        ),
    ]


def _single_run(call: Call) -> Measured:
    """Measure one event in a warm guest."""
    medians, worst = [], []
    with SandboxPool(limits=Limits()) as pool:
        for _ in range(ROUNDS + 1):
            times = []
            for _ in range(SINGLE_RUNS):
                started = time.perf_counter()
                pool.run("wsp_1", _PROGRAM, [call])
                times.append((time.perf_counter() - started) * 1e6)
            times.sort()
            medians.append(times[len(times) // 2])
            worst.append(times[int(len(times) * 0.99)])
    return Measured(
        "sandbox.single_run_p50_us",
        "µs",
        "lower",
        medians[1:],  # the first round warmed up
        target=600,
        notes={"p99_us": round(statistics.median(worst[1:]), 1)},
    )


def _cold_start(call: Call) -> Measured:
    """Measure an owner's first result: in a pool that runs, and in one that was only just made."""
    running, new = [], []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        with SandboxPool(limits=Limits(), max_guests=STARTS + 1) as pool:
            pool.run("wsp_0", _PROGRAM, [call])
            new.append((time.perf_counter() - started) * 1_000)
            times = []
            for number in range(1, STARTS + 1):
                started = time.perf_counter()
                pool.run(f"wsp_{number}", _PROGRAM, [call])
                times.append((time.perf_counter() - started) * 1_000)
        running.append(statistics.median(times))
    return Measured(
        "sandbox.cold_start_ms",
        "ms",
        "lower",
        running,
        target=150,
        notes={"cold_start_ms.new_pool": round(statistics.median(new), 1)},
    )


def _memory(calls: Sequence[Call]) -> Measured:
    """Measure what idle guests hold for themselves.

    Counted are their private pages, while several guests live: pages that guests share, with each
    other or with the process they were forked from, are there once however many there are.
    """
    samples, busy, whole = [], [], []
    for _ in range(ROUNDS):
        with SandboxPool(limits=Limits(), max_guests=GUESTS) as pool:
            for number in range(GUESTS):
                _run_all(pool, _PROGRAM, calls, owner=f"wsp_{number}")
            pids = pool.guest_pids()
            busy.append(statistics.median(private_mb(pid) for pid in pids.values()))
            time.sleep(IDLE_S)
            samples.append(statistics.median(private_mb(pid) for pid in pids.values()))
            whole.append(statistics.median(resident_mb(pid) for pid in pids.values()))
            # One owner more than there is room for: the guest used least recently has to go.
            pool.run(f"wsp_{GUESTS}", _PROGRAM, calls[:1])
            evicted = pids["wsp_0"]
            if "wsp_0" in pool.guest_pids() or Path(f"/proc/{evicted}").exists():
                message = f"the evicted guest {evicted} is still there"
                raise RuntimeError(message)
    return Measured(
        "memory.per_workspace_mb",
        "MB",
        "lower",
        samples,
        target=12,
        notes={
            "right_after_work_mb": round(statistics.median(busy), 1),
            "resident_mb": round(statistics.median(whole), 1),
            "after_eviction_mb": 0,  # the process is gone, which was looked at
        },
    )


def _rate(pool: SandboxPool, program: Program, calls: Sequence[Call]) -> _Rate:
    # All of it once to warm up, as the peers have it: while they ran, the guest was idle and gave its
    # memory back, and V8's heap takes some batches to grow to what steady work needs.
    _run_all(pool, program, calls)
    [pid] = pool.guest_pids().values()
    guest = cpu_seconds(pid)
    host = time.process_time()
    started = time.perf_counter()
    _run_all(pool, program, calls)
    seconds = time.perf_counter() - started
    host = time.process_time() - host
    guest = cpu_seconds(pid) - guest
    return _Rate(len(calls) / seconds, host / len(calls) * 1e6, guest / len(calls) * 1e6)


def _run_all(
    pool: SandboxPool, program: Program, calls: Sequence[Call], *, owner: str = "wsp_1"
) -> None:
    """Run all calls in batches, coming again with the rest of one that was cut short."""
    done = 0
    while done < len(calls):
        results = pool.run(owner, program, calls[done : done + BATCH])
        done += len(results)
        if not isinstance(results[-1], Returned):
            message = f"the order transformation did not return: {results[-1]}"
            raise TypeError(message)


def _peers_can_be_had() -> bool:
    try:
        isolated_vm.install()
    except PeerMissing as missing:
        print(f"  without peers: {missing}", flush=True)
        return False
    return True


def _peer_rate(
    mode: Literal["isolate", "context", "warm"],
    calls: Sequence[Call],
    events: int,
    expected: Result,
) -> float:
    ran = isolated_vm.run(
        mode,
        code=ORDER,
        payloads=[call.payload for call in calls[:events]],
        warm_up=events,
        events=events,
    )
    if not isinstance(expected, Returned) or ran.output != expected.output:
        message = f"isolated-vm returned something else than the sandbox: {ran.output!r}"
        raise RuntimeError(message)
    return ran.events_per_s


def _tell_round(ours: _Rate, awaiting: _Rate, peer_rates: dict[str, list[float]]) -> None:
    peers = " ".join(f"{mode} {rates[-1]:,.0f}" for mode, rates in peer_rates.items() if rates)
    print(
        f"  {ours.events_per_s:,.0f} events/s (µs of CPU an event: host {ours.host_us:.1f}, guest "
        f"{ours.guest_us:.1f}), with await {awaiting.events_per_s:,.0f}/s; isolated-vm: "
        f"{peers or 'not there'}",
        flush=True,
    )


@contextmanager
def _one_core() -> Iterator[None]:
    """Pin this thread, and all that it starts from here on, to one CPU."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
