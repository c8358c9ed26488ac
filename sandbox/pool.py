"""Guests for many owners: one each, bounded in number and memory. Safe to use from many threads."""

import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from sandbox.errors import GuestUnavailable
from sandbox.layers import Layer, LayerState
from sandbox.limits import Limits
from sandbox.nursery import Nursery
from sandbox.process import GuestProcess
from sandbox.program import Call, Program
from sandbox.result import Result, SyntaxInvalid
from sandbox.seat import Seat
from sandbox.watch import Watch

_IDLE_S = 300.0
_MOST_MEMORY_MB = 2_048
_REST_AFTER_S = 1.0


class SandboxPool:
    """Keeps a guest process per owner; two owners never share one.

    Args:
        limits: what a call may use where :meth:`run` is not told otherwise.
        max_guests: most guest processes at a time; the one used least recently makes room.
        max_memory_mb: most memory of all guests that nobody is using, pages that they share counted
            for each; the ones used least recently make room.
        idle_s: how long a guest is kept that nobody uses.
        rests: whether the zygote is let go too while there is no guest: it holds 38 MB, and the next
            guest takes a fifth of a second longer.
        required: the layers without which no code runs.
        watch: is told of each guest's start and bad end.
        nursery: where guests come from, if not from one of the pool's own; closed with the pool.
    """

    def __init__(
        self,
        *,
        limits: Limits,
        max_guests: int = 8,
        max_memory_mb: int = _MOST_MEMORY_MB,
        idle_s: float = _IDLE_S,
        rests: bool = False,
        required: Collection[Layer] = (),
        watch: Watch | None = None,
        nursery: Nursery | None = None,
    ) -> None:
        self._watch = watch
        self._limits = limits
        self._max_guests = max_guests
        self._max_memory_bytes = max_memory_mb * 1_048_576
        self._idle_s = idle_s
        self._rests = rests
        # Guests started to be looked at, which have no seat.
        self._looked_at = 0
        self._seats: OrderedDict[str, Seat] = OrderedDict()
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._nursery = nursery or Nursery(heap_mb=limits.heap_mb, required=required)
        self._janitor = threading.Thread(
            target=self._end_idle_now_and_then, name="sandbox-janitor", daemon=True
        )
        self._janitor.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run(
        self,
        owner: str,
        program: Program,
        calls: Sequence[Call],
        *,
        limits: Limits | None = None,
    ) -> list[Result]:
        """Run a batch; return the results of a prefix of the calls, in order, at least one.

        There are fewer results than calls when the slice (``limits.slice_ms``) ended, when the batch
        is very large or when one call ended badly: the caller comes again with the rest.

        Raises:
            GuestUnavailable: no guest can be started.
            IsolationMissing: a required layer is not in force on this machine.
            ValueError: a limit is larger than the pool's, or a part of a call is not JSON text.
        """
        if not calls:
            return []
        limits = limits or self._limits
        if limits.heap_mb > self._limits.heap_mb:
            raise ValueError(
                "heap_mb is larger than the pool's, which its guests are started with."
            )
        with self._seat(owner) as seat:
            return seat.run(program, calls, limits)

    def check(self, owner: str, program: Program) -> SyntaxInvalid | None:
        """Compile a program and run nothing; None means that it is a function body.

        Raises:
            GuestUnavailable: no guest can be started.
            IsolationMissing: a required layer is not in force on this machine.
        """
        with self._seat(owner) as seat:
            return seat.check(program)

    def layers(self) -> tuple[LayerState, ...]:
        """Start a guest to see which layers are in force on this machine.

        Raises:
            GuestUnavailable: no guest can be started.
            IsolationMissing: a required layer is not in force on this machine.
        """
        with self._changed:
            self._looked_at += 1
        try:
            guest = self._nursery.start()
            guest.close()
        finally:
            with self._changed:
                self._looked_at -= 1
        return guest.layers

    def guest_pids(self) -> dict[str, int]:
        """Give the process id of each owner's guest, for watching them."""
        with self._changed:
            pids = {owner: seat.guest_pid for owner, seat in self._seats.items()}
        return {owner: pid for owner, pid in pids.items() if pid is not None}

    def close(self) -> None:
        """End every guest; whoever still runs one gets GuestUnavailable."""
        self._closed.set()
        with self._changed:
            seats = list(self._seats.values())
            self._changed.notify_all()
        for seat in seats:
            seat.kill()
        for seat in seats:
            with seat.lock:
                seat.close()
        self._janitor.join()
        self._nursery.close()

    def _start(self) -> GuestProcess:
        # A run whose guest was killed by `close` must not get another.
        self._refuse_closed()
        return self._nursery.start()

    def _refuse_closed(self) -> None:
        if self._closed.is_set():
            raise GuestUnavailable("The pool is closed.")

    @contextmanager
    def _seat(self, owner: str) -> Iterator[Seat]:
        seat = self._take(owner)
        try:
            with seat.lock:
                yield seat
                seat.recycle_if_large()
        finally:
            with self._changed:
                seat.users -= 1
                seat.used_at = time.monotonic()
                self._make_room_in_memory()
                self._changed.notify_all()

    def _take(self, owner: str) -> Seat:
        with self._changed:
            while True:
                self._refuse_closed()
                seat = self._seats.get(owner)
                if seat is None and self._has_room():
                    seat = self._seats[owner] = Seat(self._start, owner=owner, watch=self._watch)
                if seat is not None:
                    self._seats.move_to_end(owner)
                    seat.users += 1
                    return seat
                self._changed.wait()

    def _has_room(self) -> bool:
        return len(self._seats) < self._max_guests or self._end_one()

    def _make_room_in_memory(self) -> None:
        while sum(seat.held_bytes for seat in self._seats.values()) > self._max_memory_bytes:
            if not self._end_one():
                return

    def _end_one(self) -> bool:
        for owner, seat in self._seats.items():
            if seat.users == 0:
                seat.close()
                del self._seats[owner]
                return True
        return False

    def _end_idle_now_and_then(self) -> None:
        pause_s = min(self._idle_s / 4, _REST_AFTER_S if self._rests else self._idle_s)
        while not self._closed.wait(pause_s):
            with self._changed:
                oldest = time.monotonic() - self._idle_s
                idle = [o for o, s in self._seats.items() if s.users == 0 and s.used_at < oldest]
                for owner in idle:
                    self._seats.pop(owner).close()
                # Under the lock: whoever asks for a guest has a seat first, and is served behind this.
                if self._rests and not self._seats and not self._looked_at:
                    self._nursery.rest()
