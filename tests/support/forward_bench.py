"""A store with a forward, a writer's hand to fill its outbox, and a forwarder in a thread."""

import asyncio
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from tests.support.braze_cluster import KEY
from tests.support.settlements import WORKSPACE, make_settlement
from tests.support.waiting import wait_until
from transformer.clock import SystemClock
from transformer.forward.forwarder import Forwarder
from transformer.ids import DeliveryId, new_delivery_id, new_forward_id
from transformer.metrics import ForwardMetrics
from transformer.operation import JsonObject
from transformer.settlement import Settlement
from transformer.stops import Stops
from transformer.store.engine import Engine, open_engine, reading, writing
from transformer.store.forwards import (
    Forward,
    ForwardState,
    Standing,
    create_forward,
    read_standing,
    save_forward,
    save_state,
)
from transformer.store.migrate import migrate
from transformer.store.outbox import Target, describe_forwardings
from transformer.writer.apply import apply_batch

AT = "2026-03-01T12:00:00.000Z"


def make_forward(base_url: str, **given: Any) -> Forward:
    forward = Forward(
        id=new_forward_id(),
        workspace_id=WORKSPACE,
        name="EU",
        kind="braze",
        base_url=base_url,
        credential=KEY,
        state=ForwardState.ACTIVE,
        created_at=AT,
        updated_at=AT,
    )
    return replace(forward, **given)


@dataclass
class ForwardBench:
    """A store, and a forward in it."""

    engine: Engine
    forward: Forward
    timeout_s: float = 1.0

    def apply(self, *operations: JsonObject, **given: Any) -> DeliveryId:
        """Apply a delivery of these operations as the writer does; gives its id."""
        delivery_id = new_delivery_id()
        self.apply_all([make_settlement(*operations, delivery_id=delivery_id, **given)])
        return delivery_id

    def apply_all(self, settlements: Sequence[Settlement], *, is_full: bool = False) -> None:
        with writing(self.engine) as connection:
            apply_batch(
                connection,
                workspace_id=WORKSPACE,
                settlements=settlements,
                now=SystemClock().now(),
                forwards=[Target(self.forward.id, is_full)],
            )

    def standing(self) -> Standing:
        with reading(self.engine) as connection:
            return read_standing(connection, forward_id=self.forward.id, most=100_000)

    def told(self, delivery_id: DeliveryId) -> JsonObject:
        """Give what the log says of a delivery on its way to the forward."""
        with reading(self.engine) as connection:
            (told,) = describe_forwardings(connection, delivery_id=delivery_id)
        return told

    def wait_until_empty(self, *, within_s: float = 30.0) -> None:
        wait_until("nothing waits", lambda: self.standing().waiting == 0, within_s=within_s)

    def wait_for_trouble(self) -> JsonObject:
        def found() -> JsonObject:
            return self.standing().trouble or {}

        return wait_until("something is told to be wrong", found)

    def change(self, **changed: Any) -> None:
        self.forward = replace(self.forward, **changed)
        with writing(self.engine) as connection:
            save_forward(connection, forward=self.forward, now=SystemClock().now())

    def set_state(self, state: ForwardState) -> None:
        with writing(self.engine) as connection:
            save_state(connection, forward=self.forward, state=state, now=SystemClock().now())

    @contextmanager
    def forwarding(self, *, stops: Stops | None = None, reach: Any = "any") -> Iterator[None]:
        """Run a forwarder, as the scheduler does, until the block ends."""
        forwarder = Forwarder(
            self.engine,
            reach=reach,
            timeout_s=self.timeout_s,
            clock=SystemClock(),
            stops=stops or Stops(),
            metrics=ForwardMetrics(CollectorRegistry()),
        )
        begun = threading.Event()
        held: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

        async def run() -> None:
            ending = asyncio.Event()
            held.append((asyncio.get_running_loop(), ending))
            begun.set()
            await forwarder.run(ending)
            await ending.wait()

        thread = threading.Thread(target=lambda: asyncio.run(run()), name="forwarder")
        thread.start()
        begun.wait(10)
        loop, ending = held[0]
        try:
            yield
        finally:
            loop.call_soon_threadsafe(ending.set)
            thread.join(30)


@cache
def _migrated() -> bytes:
    """Give a new store's file; migrating takes longer than what most tests do with it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        migrate(f"sqlite:///{path}")
        return path.read_bytes()


@contextmanager
def forward_bench(folder: Path, base_url: str, **given: Any) -> Iterator[ForwardBench]:
    """Make a store with a forward to this address."""
    path = folder / "store.db"
    path.write_bytes(_migrated())
    engine = open_engine(f"sqlite:///{path}")
    bench = ForwardBench(engine, make_forward(base_url), **given)
    with writing(engine) as connection:
        create_forward(connection, forward=bench.forward)
    yield bench
    engine.dispose()
