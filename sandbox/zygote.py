"""The host's side of the zygote: the one process that all guests are forked from.

Loading V8, ICU and Python takes a fifth of a second and 50 MB. The zygote pays for it once; a guest
forked from it is there in milliseconds, and owns only the pages that it writes.
"""

import importlib.util
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Collection, Sequence
from pathlib import Path

from sandbox.child import Child, Pipes
from sandbox.errors import GuestUnavailable, ZygoteGone
from sandbox.layers import Layer
from sandbox.protocol import FORK, NUMBER

DATA_MB = 1_024
_START_S = 20.0
_MOST_STDERR_BYTES = 4_096

# The zygote gets the two folders it imports from and nothing else: no site, no .pth files, no
# environment (-I -S), so that nothing on this machine can change what runs there. A bare package
# stands in for this one, whose __init__ would load the host's half: a third of the time to start.
_BOOTSTRAP = """
import sys, types, runpy
package = types.ModuleType("sandbox")
package.__path__ = [sys.argv.pop(1)]
sys.modules["sandbox"] = package
sys.path.insert(0, sys.argv.pop(1))
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""
ENVIRONMENT = {"TZ": "UTC", "LANG": "en_US.UTF-8"}


def zygote_command(*, heap_mb: int, layers: Collection[Layer] = frozenset(Layer)) -> list[str]:
    """Say how to start a zygote whose guests may have a V8 heap of this size for a call.

    Raises:
        GuestUnavailable: mini-racer is not installed.
    """
    numbers = map(str, (os.getpid(), DATA_MB, heap_mb))
    return far_side_command("sandbox.guest", *numbers, *sorted(layers))


def far_side_command(module: str, *words: str) -> list[str]:
    """Say how to execute a module of the far side as a guest's zygote is: nothing else can be imported.

    Raises:
        GuestUnavailable: mini-racer is not installed.
    """
    spec = importlib.util.find_spec("py_mini_racer")
    if spec is None or spec.origin is None:
        raise GuestUnavailable("The package mini-racer is not installed.")
    folders = (str(Path(__file__).parent), str(Path(spec.origin).parents[1]))
    return [sys.executable, "-I", "-S", "-B", "-c", _BOOTSTRAP, *folders, module, *words]


class Zygote:
    """A running zygote; safe to use from many threads.

    Args:
        command: what to execute, see :func:`zygote_command`.

    Raises:
        GuestUnavailable: it could not be started.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._lock = threading.Lock()
        ours, theirs = socket.socketpair()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the command is ours
                command,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=ENVIRONMENT,
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            raise GuestUnavailable(f"No guest process could be started: {error}.") from error
        finally:
            theirs.close()
        self._control = ours
        self._control.settimeout(_START_S)
        try:
            self._answer()
        except ZygoteGone as gone:
            said = self._last_words()
            self.close()
            raise GuestUnavailable(f"Guest processes cannot be started: {gone} {said}") from gone
        self._control.settimeout(None)

    @property
    def pid(self) -> int:
        """The process id."""
        return int(self._process.pid)

    def fork(self) -> Child:
        """Make a guest process.

        Raises:
            ZygoteGone: the zygote has ended.
            GuestUnavailable: the system allows no more processes.
        """
        pipes, theirs = Pipes.make()
        try:
            with self._lock:
                pid = self._ask(FORK, theirs)
                _refuse_failed(pid)
                # Nobody but us reaps it, so the id is still this guest's.
                return _ForkedChild(self, pid, pipes)
        except BaseException:
            pipes.close()
            raise
        finally:
            for number in theirs:
                os.close(number)

    def reap(self, pid: int) -> int:
        """Wait for the end of a guest; give its exit code, or minus the signal.

        Raises:
            ZygoteGone: the zygote has ended, and all its guests with it.
        """
        with self._lock:
            return self._ask(pid, ())

    def close(self) -> None:
        """End the zygote, and with it every guest that is left."""
        self._process.kill()
        self._process.wait()
        self._control.close()
        if self._process.stderr is not None:
            self._process.stderr.close()

    def _ask(self, number: int, pipes: Sequence[int]) -> int:
        try:
            socket.send_fds(self._control, [NUMBER.pack(number)], list(pipes))
        except OSError as error:
            raise ZygoteGone(f"The zygote has ended: {error}.") from error
        return self._answer()

    def _answer(self) -> int:
        try:
            data = self._control.recv(NUMBER.size, socket.MSG_WAITALL)
        except OSError as error:
            raise ZygoteGone(f"The zygote does not answer: {error}.") from error
        if len(data) < NUMBER.size:
            raise ZygoteGone("The zygote has ended.")
        (number,) = NUMBER.unpack(data)
        return int(number)

    def _last_words(self) -> str:
        if self._process.stderr is None:
            return ""
        self._process.kill()
        lines = self._process.stderr.read(_MOST_STDERR_BYTES).decode("utf-8", "replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "")


def _refuse_failed(pid: int) -> None:
    if pid < 0:
        raise GuestUnavailable(f"No guest process could be started: {os.strerror(-pid)}.")


class _ForkedChild:
    """A guest process forked by the zygote, which alone can wait for it."""

    def __init__(self, zygote: Zygote, pid: int, pipes: Pipes) -> None:
        self.pid = pid
        self.pipes = pipes
        self._zygote = zygote
        self._code: int | None = None
        self._lock = threading.Lock()
        # A handle, since an id may be somebody else's by the time a signal is sent.
        self._handle: int | None = None
        if hasattr(os, "pidfd_open"):
            try:
                self._handle = os.pidfd_open(pid)
            except ProcessLookupError as error:
                # Only its parent's end lets somebody else reap it.
                raise ZygoteGone("The zygote has ended.") from error

    def kill(self) -> None:
        with self._lock:
            if self._code is not None:
                return
            try:
                if self._handle is not None:
                    signal.pidfd_send_signal(self._handle, signal.SIGKILL)
                else:
                    os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                return

    def wait(self) -> int:
        with self._lock:
            if self._code is None:
                if self._handle is not None:
                    # So that the zygote, which others wait for, need not wait for this one's end.
                    ended = select.poll()
                    ended.register(self._handle, select.POLLIN)
                    ended.poll()
                try:
                    self._code = self._zygote.reap(self.pid)
                except ZygoteGone:
                    self._code = -signal.SIGKILL
                if self._handle is not None:
                    os.close(self._handle)
            return self._code
