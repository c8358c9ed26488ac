"""A process that ends when its parent ends, even under ``kill -9``.

On Linux the kernel sends the signal; it is bound to the parent's *thread* that started the child,
so whoever starts children must do it from a thread that outlives them (``instance.py`` does).
Elsewhere a thread of the child watches who its parent is.

Run as a script, this file ties itself to a parent and then becomes another program, for programs
that are not ours: ``python tether.py PARENT_PID PROGRAM ARGUMENT…``. It must therefore import
nothing but the standard library.
"""

import ctypes
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
_WATCH_S = 0.5


def end_with(parent_pid: int) -> None:
    """Make the kernel, or a thread, kill this process when ``parent_pid`` is no more."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    else:
        threading.Thread(target=_watch, args=(parent_pid,), name="tether", daemon=True).start()
    if os.getppid() != parent_pid:  # it died before the tether held
        os.kill(os.getpid(), signal.SIGKILL)


def _watch(parent_pid: int) -> None:
    while os.getppid() == parent_pid:
        time.sleep(_WATCH_S)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    if sys.platform == "linux":
        # Elsewhere there is no way to tie a program that is not ours; the next start stops what
        # was left over (valkey.py).
        end_with(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606  # the supervisor's own command line
