"""Keeps the lease of a drain that is in the middle of a batch, from a thread of its own.

Each script of a drain renews its lease, so this has something to do only where a batch takes long.
That lets the lease be short: a stream whose worker was killed has another one seconds later,
however long a batch may take. A drain that hangs in our own code is renewed no more after
``HOLD_S`` without a step, and then rescued like a dead one. Who may change a stream is none of
this file's business: the mark is (I2).
"""

import threading

import structlog

from transformer.clock import Clock
from transformer.errors import TransformerError
from transformer.queue.streams import LEASE_MS, Streams

RENEW_EVERY_S = LEASE_MS / 1_000 / 4

# A drain that has not gone on to its next batch for so long hangs. It must be longer than a slice with
# one event that uses up its time limit, a guest that must be killed, and the batch checked
# afterwards: processes/worker.py adds the time limit in force.
HOLD_S = 6.0

_log = structlog.get_logger()


class Lease:
    """The lease of the one drain that this process works on, if it does."""

    def __init__(self, streams: Streams, clock: Clock) -> None:
        self._streams = streams
        self._clock = clock
        self._hold_s = HOLD_S
        self._held: tuple[str, str] | None = None
        self._stepped_at = 0.0

    def start(self, *, hold_s: float = HOLD_S) -> None:
        """Renew from now on, for as long as this process lives.

        Args:
            hold_s: how long one batch may take.
        """
        self._hold_s = hold_s
        threading.Thread(target=self._keep, name="lease", daemon=True).start()

    def take(self, stream: str, job_id: str) -> None:
        """Say which drain begins."""
        self._stepped_at = self._clock.monotonic()
        self._held = (stream, job_id)

    def step(self, now: float) -> None:
        """Say that the drain goes on to its next batch, at a time of the monotonic clock."""
        self._stepped_at = now

    def give_up(self) -> None:
        """Say that the drain has ended, well or badly."""
        self._held = None

    def renew(self) -> bool:
        """Renew the lease if its drain needs it; says whether it did."""
        held = self._held
        if held is None:
            return False
        since_s = self._clock.monotonic() - self._stepped_at
        if not RENEW_EVERY_S <= since_s < self._hold_s:
            return False
        stream, job_id = held
        return self._streams.renew(stream, job_id)

    def _keep(self) -> None:
        pause = threading.Event()
        while not pause.wait(RENEW_EVERY_S):
            try:
                self.renew()
            except TransformerError as error:
                _log.warning("lease.not_renewed", error=error.message)
