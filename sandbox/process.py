"""One guest process: start it, ask it, kill it. What is asked is decided in seat.py.

The host waits for a guest only up to a deadline, in both directions: a guest that stops reading can
hold up its host no longer than one that stops writing.
"""

import importlib.util
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from sandbox.errors import GuestGone, GuestUnavailable, ProtocolViolated
from sandbox.protocol import Frame, FrameReader, Kind

_DATA_MB = 1_024
_START_S = 15.0
# What a pipe holds. Python makes a buffer of this size for each read, and a larger one is mapped
# and unmapped each time: that cost a tenth of a batch.
_READ_BYTES = 65_536
_MOST_STDERR_BYTES = 65_536

# The guest gets the two folders it imports from and nothing else: no site, no .pth files, no
# environment (-I -S), so that nothing on this machine can change what runs there. A bare package
# stands in for this one, whose __init__ would load the host's half: a third of the time to start.
_BOOTSTRAP = """
import sys, types, runpy
package = types.ModuleType("sandbox")
package.__path__ = [sys.argv.pop(1)]
sys.modules["sandbox"] = package
sys.path.insert(0, sys.argv.pop(1))
runpy.run_module("sandbox.guest", run_name="__main__", alter_sys=True)
"""
_ENVIRONMENT = {"TZ": "UTC", "LANG": "en_US.UTF-8"}
# What V8 and the C++ library print before they abort for want of memory.
_MEMORY_WORDS = (b"out of memory", b"OOM", b"bad_alloc", b"MemoryError", b"invalid size error")


def guest_command(*, heap_mb: int) -> list[str]:
    """Say how to start a guest whose calls may have a V8 heap of this size."""
    spec = importlib.util.find_spec("py_mini_racer")
    if spec is None or spec.origin is None:
        raise GuestUnavailable("The package mini-racer is not installed.")
    folders = (str(Path(__file__).parent), str(Path(spec.origin).parents[1]))
    numbers = map(str, (os.getpid(), _DATA_MB, heap_mb))
    return [sys.executable, "-I", "-S", "-B", "-c", _BOOTSTRAP, *folders, *numbers]


class GuestProcess:
    """A guest that has said hello.

    Args:
        command: what to execute, see :func:`guest_command`.

    Raises:
        GuestUnavailable: the process could not be started, or did not say hello.
    """

    def __init__(self, command: Sequence[str]) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the command is ours
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_ENVIRONMENT,
                cwd="/",
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            raise GuestUnavailable(f"No guest process could be started: {error}.") from error
        self._input = _opened(self._process.stdin)
        self._output = _opened(self._process.stdout)
        self._errors = _opened(self._process.stderr)
        for pipe in (self._input, self._output, self._errors):
            os.set_blocking(pipe.fileno(), False)
        self._reader = FrameReader()
        try:
            hello = self.ask(b"", timeout_s=_START_S)
        except (GuestGone, ProtocolViolated) as error:
            self.close()
            raise GuestUnavailable(f"A guest process did not come up: {error}") from error
        if hello.kind is not Kind.HELLO:
            self.close()
            raise GuestUnavailable("A guest process did not say hello.")

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def ask(self, question: bytes, *, timeout_s: float) -> Frame:
        """Send a frame, wait for the answer.

        Raises:
            GuestGone: the guest ended, or was killed because it had not answered in time.
            ProtocolViolated: what it sent is no frame.
        """
        deadline = time.monotonic() + timeout_s
        unsent = memoryview(question)
        poll = select.poll()
        poll.register(self._output, select.POLLIN)
        if unsent:
            poll.register(self._input, select.POLLOUT)
        while True:
            left_s = deadline - time.monotonic()
            events = poll.poll(left_s * 1_000) if left_s > 0 else []
            if not events:
                self.kill()
                raise GuestGone("The guest did not answer in time.", late=True)
            ready = {number for number, _ in events}
            if unsent and self._input.fileno() in ready:
                unsent = unsent[self._write(unsent) :]
                if not unsent:
                    poll.unregister(self._input)
            if self._output.fileno() in ready:
                frame = self._read()
                if frame is not None:
                    return frame

    def kill(self) -> None:
        """End the process, from whatever thread; whoever waits for an answer gets GuestGone."""
        self._process.kill()

    def close(self) -> None:
        """End the process and forget it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._input, self._output, self._errors):
            pipe.close()

    def _write(self, data: memoryview) -> int:
        try:
            return os.write(self._input.fileno(), data)
        except BlockingIOError:
            return 0
        except BrokenPipeError:
            raise self._gone() from None

    def _read(self) -> Frame | None:
        try:
            data = os.read(self._output.fileno(), _READ_BYTES)
        except BlockingIOError:
            return None
        if not data:
            raise self._gone()
        frames = list(self._reader.feed(data))
        if not frames:
            return None
        if len(frames) > 1 or not self._reader.is_empty:
            raise ProtocolViolated("The guest said more than it was asked.")
        return frames[0]

    def _gone(self) -> GuestGone:
        """Find out how the process ended."""
        self._process.kill()
        code = self._process.wait()
        try:
            said = os.read(self._errors.fileno(), _MOST_STDERR_BYTES)
        except BlockingIOError:
            said = b""
        if code < 0:
            description = f"The guest process was ended by {signal.Signals(-code).name}."
        else:
            description = f"The guest process ended with code {code}."
        return GuestGone(description, out_of_memory=any(words in said for words in _MEMORY_WORDS))


def _opened(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise GuestUnavailable("The guest process has no pipes.")
    return pipe
