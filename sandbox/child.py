"""A process at the other end of three pipes, however it was made."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from sandbox.errors import GuestUnavailable

_WIDE_BYTES = 1_048_576


@dataclass(frozen=True, slots=True)
class Pipes:
    """The host's ends, none of which ever blocks: what the process reads, writes, and complains on."""

    input_fd: int
    output_fd: int
    errors_fd: int

    @classmethod
    def make(cls) -> tuple["Pipes", tuple[int, int, int]]:
        """Make three pipes; give the host's ends and the process's, in the order 0, 1, 2."""
        their_input, input_fd = os.pipe()
        output_fd, their_output = os.pipe()
        errors_fd, their_errors = os.pipe()
        for number in (input_fd, output_fd, errors_fd):
            os.set_blocking(number, False)
        _widen(input_fd)
        return cls(input_fd, output_fd, errors_fd), (their_input, their_output, their_errors)

    def close(self) -> None:
        """Close the host's ends."""
        for number in (self.input_fd, self.output_fd, self.errors_fd):
            os.close(number)


def _widen(pipe_fd: int) -> None:
    """Let a pipe hold a whole batch, so that host and guest need not take turns to pass it.

    Where the system allows no more (Linux counts what a user's pipes hold), it stays as it is.
    """
    if sys.platform == "linux":
        with suppress(PermissionError):
            fcntl.fcntl(pipe_fd, fcntl.F_SETPIPE_SZ, _WIDE_BYTES)


class Child(Protocol):
    """A process that was started for us."""

    @property
    def pid(self) -> int:
        """The process id."""

    @property
    def pipes(self) -> Pipes:
        """The host's ends of its pipes."""

    def kill(self) -> None:
        """End the process at once, from whatever thread; no error if it has ended."""

    def wait(self) -> int:
        """Wait for its end; give the exit code, or minus the signal."""


class SpawnedChild:
    """A process started by executing a command: whatever is to stand where a guest stands.

    Raises:
        GuestUnavailable: the command cannot be executed.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self.pipes, theirs = Pipes.make()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the command is the caller's
                command,
                stdin=theirs[0],
                stdout=theirs[1],
                stderr=theirs[2],
                env={},
                start_new_session=True,
            )
        except OSError as error:
            self.pipes.close()
            raise GuestUnavailable(f"No guest process could be started: {error}.") from error
        finally:
            for number in theirs:
                os.close(number)
        self.pid = self._process.pid

    def kill(self) -> None:
        """End the process."""
        self._process.kill()

    def wait(self) -> int:
        """Wait for its end."""
        return self._process.wait()
