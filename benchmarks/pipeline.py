"""The whole way: HTTP to the row in the store, as fast as it goes, beside two peers.

Load generator, peers and all that `transformer up` starts share the same processors. A round ends
when its last webhook is applied, so nothing is left in a stream for later.
"""

import gc
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks.load import requests_for, send
from benchmarks.no_op import Server, serving_no_op
from benchmarks.node import PeerMissing
from benchmarks.node_red import serving_node_red
from benchmarks.results import Measured, Peer
from benchmarks.system import System, running_system

WEBHOOKS, ROUNDS = 200_000, 3
QUICK_WEBHOOKS, QUICK_ROUNDS = 5_000, 2
PEER_WEBHOOKS = 20_000
QUICK_PEER_WEBHOOKS = 2_000

_NODE_RED = "Node-RED: the same JavaScript, nothing kept"
_NO_OP = "uvicorn handler that does nothing"


def measure(*, quick: bool = False) -> list[Measured]:
    """Measure throughput and CPU by process, in turn with the peers."""
    webhooks, rounds = (QUICK_WEBHOOKS, QUICK_ROUNDS) if quick else (WEBHOOKS, ROUNDS)
    for_peers = QUICK_PEER_WEBHOOKS if quick else PEER_WEBHOOKS
    rates, accepted, cpu = [], [], []
    peer_rates: dict[str, list[float]] = {}
    with ExitStack() as stack:
        peers = {_NO_OP: stack.enter_context(serving_no_op())}
        try:
            peers[_NODE_RED] = stack.enter_context(serving_node_red())
        except PeerMissing as missing:
            print(f"  without Node-RED: {missing}", flush=True)
        system = stack.enter_context(running_system())
        for server in peers.values():
            _peer_rate(server, for_peers)  # warms it up
        for _ in range(rounds):
            rate, accepted_rate, used = sustained(system, webhooks)
            rates.append(rate)
            accepted.append(accepted_rate)
            cpu.append(used)
            for name, server in peers.items():
                peer_rates.setdefault(name, []).append(_peer_rate(server, for_peers))
            told = "; ".join(f"{name} {found[-1]:,.0f}/s" for name, found in peer_rates.items())
            print(f"    {told}", flush=True)
        system.check_count()
    notes = {"accepted_per_s": round(statistics.median(accepted), 1)}
    notes |= {
        f"cpu_us_per_webhook.{role}": round(
            statistics.median(used.get(role, 0.0) for used in cpu), 1
        )
        for role in cpu[0]
    }
    ratios = {_NODE_RED: 1.5}
    return [
        Measured(
            "pipeline.webhooks_per_s",
            "webhooks/s",
            "higher",
            rates,
            target=10_000,
            peers=[
                Peer(name, statistics.median(found), ratios.get(name))
                for name, found in peer_rates.items()
            ],
            notes=notes,
        )
    ]


def sustained(system: System, webhooks: int) -> tuple[float, float, dict[str, float]]:
    """Send so many and wait until all are applied.

    Returns:
        webhooks applied a second, webhooks accepted a second, µs of CPU a webhook by role.
    """
    requests = requests_for(system.url, system.sent, webhooks)
    with _frozen():
        before = system.cpu()
        own = time.process_time()
        started = time.perf_counter()
        summary = send(system.url, requests)
        own = time.process_time() - own
        system.wait_for(webhooks)
        seconds = time.perf_counter() - started
    cpu = system.cpu_us_since(before, count=webhooks)
    cpu["load"] = own / webhooks * 1e6
    told = " ".join(f"{role} {value:.0f}" for role, value in cpu.items())
    print(
        f"  {webhooks / seconds:,.0f} webhooks/s (accepted at {summary.per_second:,.0f}/s), "
        f"p50 {summary.latency_ms(0.5):.1f} p99 {summary.latency_ms(0.99):.1f} ms; "
        f"µs of CPU a webhook: {told}",
        flush=True,
    )
    return webhooks / seconds, summary.per_second, cpu


def _peer_rate(server: Server, webhooks: int) -> float:
    requests = requests_for(server.url, 0, webhooks)
    with _frozen():
        return send(server.url, requests).per_second


@contextmanager
def _frozen() -> Iterator[None]:
    """Keep the collector from walking the requests: they are the benchmark's."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
