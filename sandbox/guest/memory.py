"""What this process holds in memory: measuring it when nothing can be opened, and giving it back."""

import os
from contextlib import suppress

from sandbox.guest.kernel import libc

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MOST_BYTES = 128


class ResidentMemory:
    """The figures of the process that makes this; a process forked later needs its own."""

    def __init__(self) -> None:
        # None where there is no such file: only Linux has it.
        self.fd: int | None = None
        with suppress(FileNotFoundError):
            self.fd = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)

    def read_bytes(self) -> int:
        """Measure what the process holds now, in bytes; 0 where that cannot be seen."""
        if self.fd is None:
            return 0
        return int(os.pread(self.fd, _MOST_BYTES, 0).split()[1]) * _PAGE_BYTES


def give_back() -> None:
    """Let the kernel have what the C library keeps for later, where the library can."""
    trim = getattr(libc(), "malloc_trim", None)
    if trim is not None:
        trim(0)
