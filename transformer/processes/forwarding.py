"""The thread that sends operations to forwards, while there are any.

Without one it looks into the database every two seconds, and what speaks HTTP is not even imported.
"""

import asyncio
import threading
from contextlib import suppress
from typing import Self

import structlog

from transformer.clock import Clock
from transformer.errors import TransformerError
from transformer.metrics import ForwardMetrics
from transformer.settings import Settings
from transformer.stops import Stops
from transformer.store.engine import Engine, reading
from transformer.store.forwards import is_any_forward

_LOOK_EVERY_S = 2.0
# What is on its way gets a few seconds, and the database a moment.
_PATIENCE_S = 8.0

_log = structlog.get_logger()


class Forwarding:
    """A thread that forwards for as long as the ``with`` block lasts."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        *,
        clock: Clock,
        stops: Stops,
        metrics: ForwardMetrics,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._clock = clock
        self._stops = stops
        self._metrics = metrics
        self._ended = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="forwarding", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        loop, ending = self._loop, self._ending
        if loop is not None and ending is not None:
            with suppress(RuntimeError):  # it may have ended by itself meanwhile
                loop.call_soon_threadsafe(ending.set)
        self._thread.join(timeout=_PATIENCE_S)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                if self._is_any():
                    asyncio.run(self._forward())
            except TransformerError as error:
                _log.warning("forward.waiting", code=error.code)
            except Exception:  # noqa: BLE001 - rescue and retention do not end for it
                _log.exception("forward.broke")
            self._ended.wait(_LOOK_EVERY_S)

    def _is_any(self) -> bool:
        with reading(self._engine) as connection:
            return is_any_forward(connection)

    async def _forward(self) -> None:
        # Only now: without a forward, it would be megabytes for nothing.
        from transformer.forward.forwarder import Forwarder  # noqa: PLC0415

        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        if self._ended.is_set():
            return
        forwarder = Forwarder(
            self._engine,
            reach=self._settings.forward_to,
            timeout_s=self._settings.forward_timeout_s,
            clock=self._clock,
            stops=self._stops,
            metrics=self._metrics,
        )
        await forwarder.run(self._ending)
