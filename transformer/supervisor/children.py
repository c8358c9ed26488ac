"""One child process of the supervisor: started, watched, and started again when it dies."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

# From a blink to ten seconds: a crash is mended unseen, a crash loop does not eat the machine.
_FIRST_BACKOFF_S = 0.1
_LONGEST_BACKOFF_S = 10.0
# A child that lived this long was well, for it starts in a second or two: what ends it now is a new
# trouble. Longer, and a process that the system kills now and then would be away for ten seconds.
_WELL_AFTER_S = 5.0


@dataclass(slots=True, eq=False)
class Child:
    """A process with a role.

    Args:
        role: its name in logs and in ``Instance.pids``.
        command: how to start it.
        environment: its whole environment.
        log: where its standard error goes; None: to ours.
        on_start: is told the process id at each start.
    """

    role: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: IO[bytes] | None = None
    on_start: Callable[[int], None] | None = None
    deaths_in_a_row: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started_at: float = field(default=0.0, init=False)
    _restart_at: float = field(default=0.0, init=False)

    @property
    def pid(self) -> int | None:
        """The process id while it runs, else None."""
        return self._process.pid if self._process is not None else None

    def start(self) -> int:
        """Start the process and return its id."""
        # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which then
        # stops its children in order. Standard output is the supervisor's own to speak on.
        self._process = subprocess.Popen(  # noqa: S603  # our own command line
            self.command,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self.log,
            start_new_session=True,
        )
        self._started_at = time.monotonic()
        if self.on_start is not None:
            self.on_start(self._process.pid)
        return self._process.pid

    def reap(self) -> int | None:
        """Return the exit status if the process has died since the last look, else None.

        From then on it is due for a restart after :attr:`backoff_s`.
        """
        if self._process is None:
            return None
        status = self._process.poll()
        if status is None:
            return None
        now = time.monotonic()
        lived_well = now - self._started_at > _WELL_AFTER_S
        self.deaths_in_a_row = 1 if lived_well else self.deaths_in_a_row + 1
        self._process = None
        self._restart_at = now + self.backoff_s
        return status

    def note_failed_start(self) -> None:
        """Count a start that brought no process, so that the next one waits for its backoff."""
        if self._process is None:
            self.deaths_in_a_row += 1
            self._restart_at = time.monotonic() + self.backoff_s

    @property
    def backoff_s(self) -> float:
        """How long to wait before the next start."""
        return min(_FIRST_BACKOFF_S * 2.0 ** (self.deaths_in_a_row - 1), _LONGEST_BACKOFF_S)

    def is_due(self) -> bool:
        """Say whether it is dead and its backoff is over."""
        return self._process is None and time.monotonic() >= self._restart_at

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it runs."""
        if self._process is not None:
            self._process.send_signal(number)

    def has_ended(self) -> bool:
        """Say whether no process is left, reaping one that has just ended."""
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        return self._process is None

    def kill(self) -> None:
        """End the process at once, with whatever it started in its session."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
