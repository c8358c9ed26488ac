"""Runs attacks by native code, as a guest would make them that has been taken over.

Each is a Python text that a process executes after it has confined itself exactly as a guest does.
It `stopped` if the kernel refused what it tried or ended the process.
"""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.attacks.attack import Attack
from sandbox.attacks.verdict import Finding
from sandbox.layers import Layer
from sandbox.pool import SandboxPool
from sandbox.zygote import DATA_MB, ENVIRONMENT, far_side_command

STOPPED = "stopped"
_WITHIN_S = 20.0

# The layers that a process has whatever it executes; the others are V8's and the driver's.
OF_THE_PROCESS = frozenset(
    {
        Layer.PROCESS,
        Layer.RLIMITS,
        Layer.PRIVILEGES,
        Layer.NAMESPACES,
        Layer.LANDLOCK,
        Layer.SECCOMP,
    }
)


def run_native(attack: Attack, _pool: SandboxPool) -> Finding:
    """Run a `.py` attack with every layer in force that this machine has.

    Raises:
        GuestUnavailable: mini-racer is not installed.
    """
    return run_against(attack, OF_THE_PROCESS)


def run_against(attack: Attack, layers: Collection[Layer]) -> Finding:
    """Run a `.py` attack with only these layers in force.

    Raises:
        GuestUnavailable: mini-racer is not installed.
    """
    with _host() as host, Path(__file__).open("rb") as left_open:
        command = far_side_command(
            "sandbox.guest.probe", str(os.getpid()), str(DATA_MB), json.dumps(host), *sorted(layers)
        )
        process = subprocess.Popen(  # noqa: S603 - the command is ours
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
            cwd="/",
            pass_fds=(left_open.fileno(),),
        )
        try:
            said, complained = process.communicate(attack.text.encode(), timeout=_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return Finding(held=False, found="never ended")
    if process.returncode < 0:
        name = signal.Signals(-process.returncode).name
        return Finding(held=True, found=f"{STOPPED}: killed by {name}")
    words = said.decode("utf-8", "replace")
    if words.startswith("refused: "):
        return Finding(held=True, found=f"{STOPPED}: {words.removeprefix('refused: ')}")
    return Finding(held=False, found=words or complained.decode("utf-8", "replace")[-500:])


@contextmanager
def _host() -> Iterator[Mapping[str, Any]]:
    """Be a host worth attacking: listening sockets, and their addresses."""
    name = f"sandbox-attack-{os.getpid()}-{os.urandom(4).hex()}"
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as unix,
    ):
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        udp.bind(("127.0.0.1", 0))
        unix.bind(f"\0{name}")
        unix.listen()
        yield {
            "tcp_port": tcp.getsockname()[1],
            "udp_port": udp.getsockname()[1],
            "unix_name": name,
        }
