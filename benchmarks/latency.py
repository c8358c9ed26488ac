"""From sending a webhook to its row in the store: at a fixed rate, and one at a time.

A sample of the webhooks is looked for in the store, from outside and every millisecond, so what is
measured is when others can see it, and up to a millisecond more. At a fixed rate it counts from when
the webhook was due, whether or not the sender was free to send it (``transformer/cli/feed.py``).
"""

import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import httpx
import orjson

from benchmarks.load import requests_for, send_at
from benchmarks.orders import order_body
from benchmarks.results import Measured, percentile
from benchmarks.system import Store, System, running_system
from transformer.cli.sender import Answer

PER_SECOND = 1_000
SECONDS, ROUNDS = 10, 3
QUICK_SECONDS, QUICK_ROUNDS = 2, 2
IDLE_WEBHOOKS, QUICK_IDLE_WEBHOOKS = 200, 30

_SAMPLE_EVERY = 5
_POLL_S = 0.001
_IDLE_PAUSE_S = 0.03
_SEEN_WITHIN_S = 60


def measure(*, quick: bool = False) -> list[Measured]:
    """Measure both; each round gives one median and one 99th percentile."""
    seconds, rounds = (QUICK_SECONDS, QUICK_ROUNDS) if quick else (SECONDS, ROUNDS)
    with running_system() as system:
        at_rate = [_at_rate(system, PER_SECOND * seconds) for _ in range(rounds)]
        idle = [
            _one_at_a_time(system, QUICK_IDLE_WEBHOOKS if quick else IDLE_WEBHOOKS)
            for _ in range(rounds)
        ]
        system.check_count()
    rate = {"per_second": float(PER_SECOND)}
    return [
        _measured("pipeline.applied_p50_ms", at_rate, 0.5, target=15, notes=rate),
        _measured("pipeline.applied_p99_ms", at_rate, 0.99, target=60, notes=rate),
        _measured("pipeline.idle_applied_p50_ms", idle, 0.5, target=25),
        _measured("pipeline.idle_applied_p99_ms", idle, 0.99),
    ]


class _Watcher:
    """Looks for events in the store, and notes how long each took to get there."""

    def __init__(self, store: Store) -> None:
        self.latencies: list[float] = []
        self._store = store
        self._since: dict[str, float] = {}
        self._answers = 0
        self._all_sent = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._watch)

    def on_answer(self, answer: Answer) -> None:
        """Take an answer; one in so many is looked for."""
        self._answers += 1
        if self._answers % _SAMPLE_EVERY == 0:
            event_id = orjson.loads(answer.body)["event_id"]
            self._since[event_id] = time.perf_counter() - answer.seconds

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._all_sent.set()
        self._thread.join()
        if kind is None and self._failure is not None:
            raise self._failure

    def _watch(self) -> None:
        try:
            while self._since or not self._all_sent.is_set():
                time.sleep(_POLL_S)
                self._look()
        except BaseException as error:  # noqa: BLE001 - the other thread raises it
            self._failure = error

    def _look(self) -> None:
        wanted = list(self._since)
        if not wanted:
            return
        places = ",".join("?" * len(wanted))
        found = self._store.rows(
            f"select event_id from deliveries where event_id in ({places})",  # noqa: S608
            *wanted,
        )
        now = time.perf_counter()
        for (event_id,) in found:
            self.latencies.append((now - self._since.pop(event_id)) * 1_000)
        if self._since and now - min(self._since.values()) > _SEEN_WITHIN_S:
            message = f"{len(self._since)} webhooks were not applied in {_SEEN_WITHIN_S} s"
            raise RuntimeError(message)


def _at_rate(system: System, webhooks: int) -> list[float]:
    requests = requests_for(system.url, system.sent, webhooks)
    with _Watcher(system.store) as watcher:
        summary = send_at(system.url, requests, per_second=PER_SECOND, on_answer=watcher.on_answer)
    system.wait_for(webhooks)
    _tell(
        f"at {PER_SECOND:,}/s (accepted in p50 {summary.latency_ms(0.5):.1f}, "
        f"p99 {summary.latency_ms(0.99):.1f} ms)",
        watcher.latencies,
    )
    return watcher.latencies


def _one_at_a_time(system: System, webhooks: int) -> list[float]:
    latencies = []
    with httpx.Client() as client:
        for number in range(system.sent, system.sent + webhooks):
            time.sleep(_IDLE_PAUSE_S)
            body = order_body(number)
            started = time.perf_counter()
            event_id = client.post(system.url, content=body).json()["event_id"]
            while not system.store.rows("select 1 from deliveries where event_id = ?", event_id):
                time.sleep(_POLL_S / 2)
            latencies.append((time.perf_counter() - started) * 1_000)
    system.wait_for(webhooks)
    _tell("one at a time", latencies)
    return latencies


def _tell(how: str, latencies: Sequence[float]) -> None:
    p50, p99, worst = (percentile(latencies, share) for share in (0.5, 0.99, 1.0))
    print(
        f"  {how}: in the store after p50 {p50:.1f}, p99 {p99:.1f}, at most {worst:.1f} ms",
        flush=True,
    )


def _measured(
    name: str,
    rounds: Sequence[Sequence[float]],
    share: float,
    *,
    target: float | None = None,
    notes: dict[str, float] | None = None,
) -> Measured:
    samples = [percentile(latencies, share) for latencies in rounds]
    return Measured(name, "ms", "lower", samples, target=target, notes=notes or {})
