"""The children of one supervisor: started, tended, and stopped in the order that loses nothing."""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from transformer.supervisor.children import Child

VALKEY = "valkey"

# Nothing new comes in; what was accepted is transformed; what was transformed is applied.
_STOP_ORDER = (
    frozenset({"web", "migrate"}),
    frozenset({"worker", "scheduler"}),
    frozenset({"writer"}),
    frozenset({VALKEY}),
)
_DRAIN_S = 10.0
# Even when the others used the time up, an end in order is worth a moment.
_LEAST_S = 1.0
_POLL_S = 0.01


class Report(Protocol):
    """Is told what happens, as a name noun.verb and its fields; a structlog method is one."""

    def __call__(self, happening: str, /, **fields: object) -> object:
        """Take one happening."""
        ...


class Crew:
    """All processes that one supervisor has started."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._children: list[Child] = []

    @property
    def pids(self) -> dict[str, list[int]]:
        """The processes that run now, by role."""
        running: dict[str, list[int]] = {}
        for child in list(self._children):
            pid = child.pid
            if pid is not None:
                running.setdefault(child.role, []).append(pid)
        return running

    def start(self, child: Child) -> None:
        """Start a child, and tend it from now on."""
        self._children.append(child)
        self._start(child)

    def dismiss(self, child: Child) -> None:
        """Tend a child no longer."""
        self._children.remove(child)

    def tend(self) -> None:
        """Start again what has died, each when its backoff is over."""
        for child in self._children:
            status = child.reap()
            if status is not None:
                self._report(
                    "child.died",
                    role=child.role,
                    ending=describe_ending(status),
                    restart_in_s=round(child.backoff_s, 1),
                )
            if child.is_due():
                self._start_again(child)

    def _start_again(self, child: Child) -> None:
        try:
            self._start(child)
        except OSError as error:
            # No memory or no process left just now: the others go on, and this one is tried again.
            child.note_failed_start()
            self._report("child.not_started", role=child.role, error=str(error))

    def failing(self, *, tries: int) -> Child | None:
        """Give a child that has died this often in a row, if there is one."""
        return next((child for child in self._children if child.deaths_in_a_row >= tries), None)

    def stop(self, *, at_once: Callable[[], bool]) -> bool:
        """Let everything drain and end, or end it the moment ``at_once`` says so.

        Returns:
            Whether there was anything to stop.
        """
        if not self._children:
            return False
        self._report("instance.stopping")
        ends_at = time.monotonic() + _DRAIN_S
        for roles in _STOP_ORDER:
            group = [child for child in self._children if child.role in roles]
            patience_s = max(ends_at - time.monotonic(), _LEAST_S)
            _stop(group, patience_s=patience_s, at_once=at_once)
        return True

    def _start(self, child: Child) -> None:
        self._report("child.started", role=child.role, pid=child.start())


def own_command(role: str) -> list[str]:
    """Give the command of one of our own processes, tied to this one."""
    return [sys.executable, "-m", "transformer", "--parent", str(os.getpid()), role]


def describe_ending(status: int) -> str:
    """Say how a process ended."""
    return f"status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"


def _stop(children: Sequence[Child], *, patience_s: float, at_once: Callable[[], bool]) -> None:
    deadline = time.monotonic() + patience_s
    for child in children:
        child.signal(signal.SIGTERM)
    while not all(child.has_ended() for child in children):
        if at_once() or time.monotonic() > deadline:
            for child in children:
                child.kill()
            return
        time.sleep(_POLL_S)
