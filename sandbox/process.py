"""One guest: ask it, watch it, kill it. What is asked is decided in seat.py.

The host waits for a guest only up to a deadline, in both directions: a guest that stops reading can
hold up its host no longer than one that stops writing. While it waits it looks at the guest's memory
from outside, whatever the guest itself says or does about it.
"""

import os
import select
import signal
import time

from sandbox.child import Child
from sandbox.errors import GuestGone, GuestUnavailable, ProtocolViolated
from sandbox.layers import LayerState
from sandbox.protocol import (
    MOST_BODY_BYTES,
    MOST_HELLO_BYTES,
    Frame,
    FrameReader,
    Hello,
    Kind,
)

_START_S = 15.0
# What a pipe holds. Python makes a buffer of this size for each read, and a larger one is mapped
# and unmapped each time: that cost a tenth of a batch.
_READ_BYTES = 65_536
_MOST_STDERR_BYTES = 65_536
_LOOK_S = 0.02
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

# What V8 and the C++ library print before they abort for want of memory.
_MEMORY_WORDS = (b"out of memory", b"OOM", b"bad_alloc", b"MemoryError", b"invalid size error")


class GuestProcess:
    """A guest that has said hello.

    Args:
        child: its process.
        most_resident_bytes: memory at which it is killed from outside.

    Raises:
        GuestUnavailable: it did not say hello.
    """

    def __init__(self, child: Child, *, most_resident_bytes: int = 2**63) -> None:
        self._child = child
        self._pipes = child.pipes
        self._most_resident_bytes = most_resident_bytes
        self._statm_fd = _open_statm(child.pid)
        self._reader = FrameReader()
        try:
            self.layers = self._hear_hello()
        except (GuestGone, ProtocolViolated) as error:
            self.close()
            raise GuestUnavailable(f"A guest process did not come up: {error}") from error

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    def ask(self, question: bytes, *, timeout_s: float, most_bytes: int = MOST_BODY_BYTES) -> Frame:
        """Send a frame, wait for the answer.

        Args:
            question: the bytes to send.
            timeout_s: how long sending and waiting may take together.
            most_bytes: how long the body of the answer may be.

        Raises:
            GuestGone: the guest ended, or was killed because it had not answered in time or held
                too much memory.
            ProtocolViolated: what it sent is no frame, or it did not wait for the question.
        """
        now = time.monotonic()
        deadline = now + timeout_s
        looks_at = now + _LOOK_S
        self._reader.most_body_bytes = most_bytes
        unsent = memoryview(question)
        poll = select.poll()
        poll.register(self._pipes.output_fd, select.POLLIN)
        if unsent:
            poll.register(self._pipes.input_fd, select.POLLOUT)
        while True:
            now = time.monotonic()
            if now >= deadline:
                self.kill()
                raise GuestGone("The guest did not answer in time.", late=True)
            if now >= looks_at:
                # By the clock and not when nothing happens: a guest can see to it that something does.
                self._look_at_memory()
                looks_at = now + _LOOK_S
            events = poll.poll((min(deadline, looks_at) - now) * 1_000)
            ready = {number for number, _ in events}
            if self._pipes.output_fd in ready:
                frame = self._read()
                if unsent:
                    raise ProtocolViolated("The guest answered before it was asked.")
                if frame is not None:
                    return frame
            if unsent and self._pipes.input_fd in ready:
                unsent = unsent[self._write(unsent) :]
                if not unsent:
                    poll.unregister(self._pipes.input_fd)

    def resident_bytes(self) -> int:
        """Measure what the process holds, shared pages included; 0 where that cannot be seen."""
        if self._statm_fd is None:
            return 0
        try:
            return int(os.pread(self._statm_fd, 128, 0).split()[1]) * _PAGE_BYTES
        except (OSError, IndexError):
            return 0  # it has just ended

    def kill(self) -> None:
        """End the process, from whatever thread; whoever waits for an answer gets GuestGone."""
        self._child.kill()

    def close(self) -> None:
        """End the process and forget it."""
        self._child.kill()
        self._child.wait()
        self._pipes.close()
        if self._statm_fd is not None:
            os.close(self._statm_fd)

    def _hear_hello(self) -> tuple[LayerState, ...]:
        frame = self.ask(b"", timeout_s=_START_S, most_bytes=MOST_HELLO_BYTES)
        if frame.kind is not Kind.HELLO:
            raise ProtocolViolated("It did not say hello.")
        return Hello.decode(frame.body).layers

    def _look_at_memory(self) -> None:
        if self.resident_bytes() > self._most_resident_bytes:
            self.kill()
            raise GuestGone("The guest held too much memory.", out_of_memory=True)

    def _write(self, data: memoryview) -> int:
        try:
            return os.write(self._pipes.input_fd, data)
        except BlockingIOError:
            return 0
        except BrokenPipeError:
            raise self._gone() from None

    def _read(self) -> Frame | None:
        try:
            data = os.read(self._pipes.output_fd, _READ_BYTES)
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
        self._child.kill()
        code = self._child.wait()
        try:
            said = os.read(self._pipes.errors_fd, _MOST_STDERR_BYTES)
        except BlockingIOError:
            said = b""
        if code < 0:
            description = f"The guest process was ended by {_signal_name(-code)}."
        else:
            description = f"The guest process ended with code {code}."
        return GuestGone(
            description,
            out_of_memory=any(words in said for words in _MEMORY_WORDS),
            forbidden=code == -signal.SIGSYS,
        )


def _open_statm(pid: int) -> int | None:
    try:
        return os.open(f"/proc/{pid}/statm", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None  # no such thing on this system, or not for us to see


def _signal_name(number: int) -> str:
    # Of the real-time signals only the first and the last have a name.
    if number in signal.Signals.__members__.values():
        return signal.Signals(number).name
    return f"signal {number}"
