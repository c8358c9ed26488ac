"""Looks which forwards have something to send, and has a :class:`Sender` for each that it holds."""

import asyncio
import os
import secrets
import socket
from collections.abc import Callable
from datetime import timedelta

import structlog

from transformer.clock import Clock, to_text
from transformer.errors import StoreUnavailable
from transformer.forward.address import Reach
from transformer.forward.books import Books
from transformer.forward.patience import Patience
from transformer.forward.sender import Fenced, Pace, Sender
from transformer.forward.watch import Watch
from transformer.ids import ForwardId
from transformer.metrics import ForwardMetrics
from transformer.stops import Stops
from transformer.store.engine import Engine, reading, writing
from transformer.store.forwarding import (
    Claim,
    Open,
    claim,
    delete_forward,
    delete_left,
    list_open,
    list_removed,
)
from transformer.store.forwards import is_any_forward

_LOOK_EVERY_S = 0.5
# What is on its way gets so long to be answered, when the process is to end.
_GRACE_S = 5.0
# A forward that met a bug of ours is left alone for so long.
_BROKE_S = 30.0
_REMOVED_AT_ONCE = 1_000
# A writer in the middle of a batch may still believe in a forward that was removed.
_LINGERING = timedelta(seconds=60)

_log = structlog.get_logger()


class Forwarder:
    """Sends for all forwards that no other process holds."""

    def __init__(
        self,
        engine: Engine,
        *,
        reach: Reach,
        timeout_s: float,
        clock: Clock,
        stops: Stops,
        metrics: ForwardMetrics,
    ) -> None:
        self._engine = engine
        self._reach = reach
        self._pace = Pace(timeout_s)
        self._clock = clock
        self._stops = stops
        self._metrics = metrics
        # Containers may have a name and a number in common; no two of us hold a forward.
        self._name = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(8)}"
        self._senders: dict[ForwardId, asyncio.Task[None]] = {}
        self._patience: dict[ForwardId, Patience] = {}
        self._watch = Watch(self._name, lease_s=self._pace.lease_s, clock=clock)
        self._left_until: dict[ForwardId, float] = {}

    async def run(self, ending: asyncio.Event) -> None:
        """Work until there is no forward any more, or until told to end."""
        try:
            while not ending.is_set() and await self._look(ending):
                try:
                    async with asyncio.timeout(_LOOK_EVERY_S):
                        await ending.wait()
                except TimeoutError:
                    continue
        finally:
            await self._end()

    async def _look(self, ending: asyncio.Event) -> bool:
        """Begin to send where something waits; says whether there is any forward."""
        try:
            await asyncio.to_thread(self._purge)
            found, is_any = await asyncio.to_thread(self._read)
            for one in found:
                if one.forward_id not in self._senders and self._may_claim(one):
                    held = await asyncio.to_thread(self._claim, one)
                    if held is not None:
                        self._begin(held, ending)
        except StoreUnavailable as error:
            _log.warning("forward.waiting", code=error.code)
            return True
        return is_any or bool(self._senders)

    def _may_claim(self, one: Open) -> bool:
        now = self._clock.monotonic()
        if now < self._left_until.get(one.forward_id, now):
            return False
        return self._watch.may_claim(one)

    def _begin(self, held: Claim, ending: asyncio.Event) -> None:
        if held.in_flight:
            _log.warning(
                "forward.in_doubt", forward_id=held.forward_id, operations=len(held.in_flight)
            )
        patience = self._patience.setdefault(held.forward_id, Patience(self._clock.monotonic))
        books = Books(
            held.forward_id,
            clock=self._clock,
            patience=patience,
            may_have_arrived=held.in_flight,
        )
        sender = Sender(
            self._engine,
            held,
            books,
            reach=self._reach,
            pace=self._pace,
            clock=self._clock,
            stops=self._stops,
            metrics=self._metrics,
        )
        task = asyncio.create_task(sender.work(ending))
        self._senders[held.forward_id] = task
        task.add_done_callback(self._ended(held.forward_id))

    def _ended(self, forward_id: ForwardId) -> Callable[[asyncio.Task[None]], None]:
        def ended(task: asyncio.Task[None]) -> None:
            del self._senders[forward_id]
            if task.cancelled():
                return
            match task.exception():
                case None:
                    return
                case Fenced():
                    _log.warning("forward.fenced", forward_id=forward_id)
                case broken:
                    _log.error("forward.broke", forward_id=forward_id, exc_info=broken)
                    self._left_until[forward_id] = self._clock.monotonic() + _BROKE_S

        return ended

    async def _end(self) -> None:
        senders = list(self._senders.values())
        if not senders:
            return
        _, late = await asyncio.wait(senders, timeout=_GRACE_S)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    def _read(self) -> tuple[list[Open], bool]:
        with reading(self._engine) as connection:
            return list_open(connection), is_any_forward(connection)

    def _claim(self, one: Open) -> Claim | None:
        with writing(self._engine) as connection:
            return claim(connection, one, holder=self._name)

    def _purge(self) -> None:
        """Take away, a little at a time, what removed forwards have left."""
        with reading(self._engine) as connection:
            removed = list_removed(connection)
        before = to_text(self._clock.now() - _LINGERING)
        for forward_id, removed_at in removed:
            with writing(self._engine) as connection:
                count = delete_left(connection, forward_id=forward_id, limit=_REMOVED_AT_ONCE)
                if not count and removed_at < before:
                    delete_forward(connection, forward_id=forward_id)
