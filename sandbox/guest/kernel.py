"""Calls into Linux that Python has no functions for."""

import ctypes
import os
import signal
import sys
from functools import cache

_PR_SET_PDEATHSIG = 1


@cache
def libc() -> ctypes.CDLL:
    """Give the C library, with ``errno`` kept."""
    return ctypes.CDLL(None, use_errno=True)


def prctl(option: int, *arguments: int) -> int:
    """Change something about this process.

    Raises:
        OSError: the kernel refuses, or does not know the option.
    """
    words = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    return checked(libc().prctl(ctypes.c_int(option), *words), "prctl")


def syscall(number: int, *arguments: int | ctypes.c_void_p | None) -> int:
    """Make a system call that the C library has no name for.

    Raises:
        OSError: the kernel refuses, or does not know the call.
    """
    words = [
        ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments
    ]
    return checked(libc().syscall(ctypes.c_long(number), *words), f"system call {number}")


def checked(answer: int, what: str) -> int:
    """Turn the C library's failure into an exception."""
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return answer


def die_with(parent_pid: int) -> None:
    """Tie this process's life to its parent's (on Linux; elsewhere a closed pipe ends it)."""
    if sys.platform == "linux":
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        # The parent died before the line above could tie us to it.
        os._exit(0)
