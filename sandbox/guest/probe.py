"""A guest that has been taken over: confined like any other, it runs native code instead of V8.

For attacks of the group `host` alone, which are written in Python: whatever machine code in a guest
could ask of the kernel, they ask. Nothing here is part of a guest that serves.

Arguments: the host's process id, the memory to write in (MB), what the attack finds of the host as a
JSON object, the layers to put in force. Standard input is the attack; what became of it goes to
standard output.
"""

import ctypes
import errno
import json
import mmap
import os
import platform
import resource
import signal
import socket
import struct
import sys
import time
from types import SimpleNamespace
from typing import NoReturn

from sandbox.guest.confinement import Confinement, confine
from sandbox.guest.kernel import libc, syscall
from sandbox.guest.namespaces import make_empty_root
from sandbox.layers import Layer

# Nothing can be imported once the process is confined.
_AT_HAND = {
    module.__name__: module
    for module in (ctypes, errno, mmap, os, resource, signal, socket, struct, sys, time)
}


def main() -> NoReturn:
    """Confine the process, run the attack, say what became of it."""
    host_pid, data_mb = map(int, sys.argv[1:3])
    host = SimpleNamespace(pid=host_pid, **json.loads(sys.argv[3]))
    layers = frozenset(map(Layer, sys.argv[4:]))
    attack = compile(sys.stdin.read(), "attack", "exec")
    names = {
        **_AT_HAND,
        "host": host,
        "libc": libc(),
        "machine": platform.machine(),
        "syscall": syscall,
    }
    confine(
        Confinement(layers, data_mb=data_mb, parent_pid=host_pid, root_fd=make_empty_root()),
        kept_fds=(),
    )
    try:
        exec(attack, names)  # noqa: S102 - it is what this process is for
    except (OSError, MemoryError) as error:
        _end(f"refused: {type(error).__name__}: {error}")
    except BaseException as error:  # noqa: BLE001 - an attack that is broken proves nothing
        _end(f"broken: {type(error).__name__}: {error}")
    _end("got through")


def _end(words: str) -> NoReturn:
    os.write(1, words.encode())
    os._exit(0)


if __name__ == "__main__":
    main()
