"""Guests for many owners: one each, at most so many at a time. Safe to use from many threads."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from sandbox.errors import GuestUnavailable
from sandbox.layers import LayerState
from sandbox.limits import Limits
from sandbox.process import GuestProcess, guest_command
from sandbox.program import Call, Program
from sandbox.result import Result, SyntaxInvalid
from sandbox.seat import Seat

_IDLE_S = 300.0


class SandboxPool:
    """Keeps a guest process per owner; two owners never share one.

    Args:
        limits: what a call may use where :meth:`run` is not told otherwise.
        max_guests: most guest processes at a time; the one used least recently makes room.
    """

    def __init__(self, *, limits: Limits, max_guests: int = 8) -> None:
        self._limits = limits
        self._max_guests = max_guests
        self._seats: OrderedDict[str, Seat] = OrderedDict()
        self._changed = threading.Condition()
        self._closed = False
        # A guest dies with the *thread* that started it (PR_SET_PDEATHSIG), so all are started by
        # one that lives as long as the pool, never by a caller's.
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbox-starter")

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
        """
        with self._seat(owner) as seat:
            return seat.check(program)

    def layers(self) -> tuple[LayerState, ...]:
        """Say of each layer whether it is in force in a guest of this pool.

        Raises:
            GuestUnavailable: no guest can be started.
        """
        raise NotImplementedError

    def guest_pids(self) -> dict[str, int]:
        """Give the process id of each owner's guest, for watching them."""
        with self._changed:
            pids = {owner: seat.guest_pid for owner, seat in self._seats.items()}
        return {owner: pid for owner, pid in pids.items() if pid is not None}

    def close(self) -> None:
        """End every guest; whoever still runs one gets GuestUnavailable."""
        with self._changed:
            self._closed = True
            seats = list(self._seats.values())
            self._changed.notify_all()
        for seat in seats:
            seat.kill()
        for seat in seats:
            with seat.lock:
                seat.close()
        self._starter.shutdown()

    @contextmanager
    def _seat(self, owner: str) -> Iterator[Seat]:
        seat = self._take(owner)
        try:
            with seat.lock:
                yield seat
        finally:
            with self._changed:
                seat.users -= 1
                seat.used_at = time.monotonic()
                self._changed.notify_all()

    def _take(self, owner: str) -> Seat:
        with self._changed:
            while True:
                self._refuse_closed()
                self._end_idle()
                seat = self._seats.get(owner)
                if seat is None and self._has_room():
                    seat = self._seats[owner] = Seat(self._start)
                if seat is not None:
                    self._seats.move_to_end(owner)
                    seat.users += 1
                    return seat
                self._changed.wait()

    def _has_room(self) -> bool:
        if len(self._seats) < self._max_guests:
            return True
        for owner, seat in self._seats.items():
            if seat.users == 0:
                seat.close()
                del self._seats[owner]
                return True
        return False

    def _end_idle(self) -> None:
        oldest = time.monotonic() - _IDLE_S
        idle = [o for o, s in self._seats.items() if s.users == 0 and s.used_at < oldest]
        for owner in idle:
            self._seats.pop(owner).close()

    def _start(self) -> GuestProcess:
        self._refuse_closed()
        command = guest_command(heap_mb=self._limits.heap_mb)
        return self._starter.submit(GuestProcess, command).result()

    def _refuse_closed(self) -> None:
        if self._closed:
            raise GuestUnavailable("The pool is closed.")
