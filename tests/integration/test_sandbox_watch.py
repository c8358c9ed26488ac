"""Whoever watches a pool is told of guests that start, and of those that end badly, by cause."""

import os
import signal
from dataclasses import dataclass, field

from sandbox import Call, Cause, Limits, Program, SandboxPool

CALL = Call(b"{}", b"{}", b"{}")


@dataclass
class Notes:
    """Remembers what it was told."""

    starts: int = 0
    deaths: list[str] = field(default_factory=list)

    def guest_started(self) -> None:
        self.starts += 1

    def guest_died(self, cause: str) -> None:
        self.deaths.append(cause)


def test_each_bad_end_is_told_with_its_cause() -> None:
    notes = Notes()
    with SandboxPool(limits=Limits(timeout_ms=100), watch=notes) as pool:
        pool.run("one", Program("a", "return 1;"), [CALL])
        assert (notes.starts, notes.deaths) == (1, [])
        pool.run("one", Program("b", "for (;;) {}"), [CALL])
        assert notes.deaths == [Cause.OUT_OF_TIME]
        pool.run("one", Program("a", "return 1;"), [CALL])
        # As the kernel ends a guest that makes a system call it may not make.
        os.kill(pool.guest_pids()["one"], signal.SIGSYS)
        pool.run("one", Program("a", "return 1;"), [CALL])
        assert notes.deaths == [Cause.OUT_OF_TIME, Cause.FORBIDDEN_CALL]
        os.kill(pool.guest_pids()["one"], signal.SIGKILL)
        pool.run("one", Program("a", "return 1;"), [CALL])
        assert notes.deaths[2:] == [Cause.DIED]
        assert notes.starts == 4


def test_a_guest_that_ends_because_it_was_asked_to_is_no_death() -> None:
    notes = Notes()
    with SandboxPool(limits=Limits(), max_guests=1, watch=notes) as pool:
        for owner in ("one", "two", "three"):
            pool.run(owner, Program("a", "return 1;"), [CALL])
    assert (notes.starts, notes.deaths) == (3, [])
