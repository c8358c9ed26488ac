"""Finds what a killed process left running: its sandbox guests, above all.

Linux gives a process whose parent died to the nearest ancestor that asked for such children.
While a soak runs that is us, so what nobody looks after any more turns up among our own children.
"""

import contextlib
import ctypes
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from tests.support.leaks import command_of, living
from tests.support.waiting import wait_until

_PR_SET_CHILD_SUBREAPER = 36
# What was just killed takes a moment to take its guests along.
_GRACE_S = 5.0

Pids = Mapping[str, Sequence[int]]


@contextmanager
def adopted() -> Iterator[Callable[[Pids], list[str]]]:
    """Adopt orphans in the block; gives what lists the living ones, given who is no orphan."""
    before = living().children
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def orphans(pids: Pids) -> set[int]:
        known = {pid for group in pids.values() for pid in group}
        found = set(living().children - before - known)
        for pid in list(found):
            # Dead ones that nobody else waits for; the others' statuses are the supervisor's.
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG) != (0, 0):
                    found.discard(pid)
        return found

    def leftovers(pids: Pids) -> list[str]:
        with contextlib.suppress(AssertionError):
            wait_until("no orphan is left", lambda: not orphans(pids), within_s=_GRACE_S)
        return [f"left running: {command_of(pid)}" for pid in sorted(orphans(pids))]

    try:
        yield leftovers
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
        orphans({})
