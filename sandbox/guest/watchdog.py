"""Stops the guest when a call has run too long or the process holds too much memory.

It is a thread: V8 computes without holding Python's lock, so the watchdog runs beside it whatever
the code does. Stopping means to say which call was running and to end the process. Terminating
V8's execution instead was rejected: it does not reach the reactions of promises (V8 runs them
after the call that one could cancel), nor long builtins, and the isolate may stay poisoned after it.
"""

import threading
import time
from collections.abc import Callable

from sandbox.guest.memory import ResidentMemory
from sandbox.protocol import UNKNOWN_CALL, Reason

_TICK_S = 0.01


class Watchdog:
    """Watches one call into V8 after the other.

    Args:
        stop: says why and at which call, and ends the process; never returns.
        memory: what this process holds.
    """

    def __init__(self, stop: Callable[[Reason, int], None], memory: ResidentMemory) -> None:
        self._stop = stop
        self._memory = memory
        self._armed = threading.Event()
        self._lock = threading.Lock()
        self._running: Callable[[], int] = lambda: 0
        self._timeout_s = 0.0
        self._memory_bytes = 0
        self._seen = (0, 0.0)
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def arm(self, running: Callable[[], int], *, timeout_ms: int, memory_mb: int) -> None:
        """Start watching.

        Args:
            running: says which call is running now; -1 for none.
            timeout_ms: longest time in one call.
            memory_mb: most memory beyond what the process holds now.
        """
        with self._lock:
            self._running = running
            self._timeout_s = timeout_ms / 1_000
            self._memory_bytes = self._memory.read_bytes() + memory_mb * 1_048_576
            self._seen = (running(), time.monotonic())
        self._armed.set()

    def disarm(self) -> None:
        """Stop watching: from its return on, the process will not be stopped."""
        with self._lock:
            self._armed.clear()

    def _watch(self) -> None:
        while True:
            self._armed.wait()
            time.sleep(_TICK_S)
            with self._lock:
                if self._armed.is_set():
                    self._look()

    def _look(self) -> None:
        index = self._running()
        now = time.monotonic()
        if index != self._seen[0]:
            self._seen = (index, now)
        blamed = index if index >= 0 else UNKNOWN_CALL
        if now - self._seen[1] > self._timeout_s:
            self._stop(Reason.TIME, blamed)
        if self._memory.read_bytes() > self._memory_bytes:
            self._stop(Reason.MEMORY, blamed)
