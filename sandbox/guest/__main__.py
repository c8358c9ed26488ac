"""The zygote: loads V8 once, and forks a guest whenever the host asks for one.

It never runs any JavaScript and has no thread, so each fork is a clean guest, there in
milliseconds, and shares the pages of V8, ICU and Python with all others. What it is asked and
answers stands in :mod:`sandbox.protocol`.

Arguments: the host's process id, the memory a guest may write in, the heap of one call (both in MB),
the layers to put in force.
"""

import gc
import os
import socket
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from sandbox.guest.confinement import Confinement, confine
from sandbox.guest.isolate import read_start
from sandbox.guest.kernel import die_with
from sandbox.guest.memory import ResidentMemory
from sandbox.guest.namespaces import make_empty_root
from sandbox.guest.server import BATCH_HEAP_MB, Server
from sandbox.guest.v8 import Engine
from sandbox.layers import Layer
from sandbox.protocol import FORK, NUMBER, PIPES

_CONTROL = 0


def main() -> NoReturn:
    """Fork guests until the host closes its end."""
    host_pid, data_mb, heap_mb = map(int, sys.argv[1:4])
    layers = frozenset(map(Layer, sys.argv[4:]))
    die_with(host_pid)
    zygote = _Zygote(
        engine=Engine(heap_mb=4 * (heap_mb + BATCH_HEAP_MB)),
        start=read_start(),
        confinement=Confinement(
            layers, data_mb=data_mb, parent_pid=os.getpid(), root_fd=make_empty_root()
        ),
    )
    gc.collect()
    # What start-up made is never collected: a guest that looked at it would need copies of its pages.
    gc.freeze()
    zygote.serve(socket.socket(fileno=_CONTROL))


class _Zygote:
    def __init__(self, *, engine: Engine, start: str, confinement: Confinement) -> None:
        self._engine = engine
        self._start = start
        self._confinement = confinement

    def serve(self, control: socket.socket) -> NoReturn:
        control.sendall(NUMBER.pack(os.getpid()))
        while True:
            question, pipes, _, _ = socket.recv_fds(control, NUMBER.size, PIPES)
            if len(question) < NUMBER.size:
                os._exit(0)
            (number,) = NUMBER.unpack(question)
            if number != FORK:
                _, status = os.waitpid(number, 0)
                control.sendall(NUMBER.pack(os.waitstatus_to_exitcode(status)))
                continue
            try:
                pid = os.fork()
            except OSError as error:
                pid = -(error.errno or 1)
            if pid == 0:
                self._become_guest(pipes)
            for pipe in pipes:
                os.close(pipe)
            control.sendall(NUMBER.pack(pid))

    def _become_guest(self, pipes: Sequence[int]) -> NoReturn:
        # The first of them takes the place of the control socket, which no guest may hold.
        for number, pipe in enumerate(pipes):
            os.dup2(pipe, number)
        memory = ResidentMemory()
        try:
            states = confine(self._confinement, kept_fds=(memory.fd,))
            Server(self._engine, self._start, memory).serve(states)
        except BaseException:  # noqa: BLE001 - whatever it was, the guest must not go on as a zygote
            traceback.print_exc()
            os._exit(1)
        # Isolates need no tidying up when the process ends.
        os._exit(0)


if __name__ == "__main__":
    main()
