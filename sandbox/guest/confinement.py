"""What the guest takes away from itself before it loads V8.

Each step is one that a process without privileges may take, and none can be undone by it. README.md
says which layers are not in force yet.
"""

import ctypes
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_DUMPABLE = 4

_OPEN_FILES = 16


def confine(host_pid: int, data_mb: int) -> None:
    """Bound this process and tie its life to the host's.

    Args:
        host_pid: the process that started this one; the guest exits if it is gone already.
        data_mb: most memory to write in; V8 reserves far more address space than it uses, hence
            RLIMIT_DATA and not RLIMIT_AS.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if os.getppid() != host_pid:
        # The host died before the line above could tie us to it.
        os._exit(0)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_DATA, data_mb * 1_048_576)


def _lower(kind: int, limit: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(kind, (limit, limit))
