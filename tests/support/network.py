"""Several machines on this one: network namespaces on a bridge, with nothing shared but the network.

A :class:`Network` is a switch, a :class:`Host` a machine plugged into it by a cable that can be
cut: frames then vanish in both directions, and neither side is told, as when a switch dies. What is
started inside ``with host.entered():`` runs on that machine, for a child inherits the namespace of
the thread that makes it; sockets that the thread itself opens are the machine's as well.

The switch has a namespace of its own, so nothing shows among this machine's interfaces. Namespaces
carry the process id of the test run in their names: the next run finds and removes what a killed
one left behind.
"""

import ctypes
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.processes import is_alive

_IP = shutil.which("ip") or shutil.which("ip", path="/usr/sbin:/sbin")
_NAMESPACES = Path("/run/netns")
_OURS = re.compile(r"tn(\d+)-")
_CLONE_NEWNET = 0x4000_0000
_SUBNET = "10.77.0"
_BRIDGE = "bridge"
_NUMBERS = count(1)


def missing() -> str:
    """Say what this machine lacks to have network namespaces; empty if nothing."""
    if os.geteuid() != 0:
        return "network namespaces need root: run the tests as root"
    if _IP is None:
        return "network namespaces need `ip`: install the package iproute2"
    # A container's root may still be forbidden it.
    name = f"tn{os.getpid()}-probe"
    made = subprocess.run([_IP, "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        return f"network namespaces are forbidden here: {made.stderr.strip()}"
    _ip("netns", "del", name)
    return ""


class Host:
    """One machine: an address, and a cable to the switch."""

    def __init__(self, name: str, *, number: int, network: str) -> None:
        self.name = name
        self.address = f"{_SUBNET}.{number}"
        self._namespace = f"{network}{name}"
        self._switch = f"{network}switch"
        self._port = f"port{number}"

    def plug_in(self) -> None:
        """Make the machine, with one interface on the switch."""
        _ip("netns", "add", self._namespace)
        peer = ("peer", "eth0", "netns", self._namespace)
        _ip("-n", self._switch, "link", "add", self._port, "type", "veth", *peer)
        _ip("-n", self._switch, "link", "set", self._port, "master", _BRIDGE, "up")
        _ip("-n", self._namespace, "address", "add", f"{self.address}/24", "dev", "eth0")
        _ip("-n", self._namespace, "link", "set", "lo", "up")
        _ip("-n", self._namespace, "link", "set", "eth0", "up")

    def cut_off(self) -> None:
        """Cut the cable: every frame is lost, and nobody is told.

        The link stays up, on a port that leads nowhere: an interface that is down would tell.
        """
        _ip("-n", self._switch, "link", "set", self._port, "nomaster")

    def rejoin(self) -> None:
        """Mend the cable."""
        _ip("-n", self._switch, "link", "set", self._port, "master", _BRIDGE)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Move this thread onto the machine for the block, with what it starts and connects."""
        libc = ctypes.CDLL(None, use_errno=True)
        with (
            Path("/proc/thread-self/ns/net").open(encoding="ascii") as home,
            (_NAMESPACES / self._namespace).open(encoding="ascii") as there,
        ):
            _enter(libc, there.fileno())
            try:
                yield
            finally:
                _enter(libc, home.fileno())


class Network:
    """A switch; hosts are plugged in with :meth:`host`, and all goes with the block."""

    def __init__(self) -> None:
        self._name = f"tn{os.getpid()}-{next(_NUMBERS)}-"
        self._switch = f"{self._name}switch"
        self._hosts = 0

    def __enter__(self) -> Self:
        remove_leftovers()
        try:
            _ip("netns", "add", self._switch)
            _ip("-n", self._switch, "link", "add", _BRIDGE, "type", "bridge", "stp_state", "0")
            _ip("-n", self._switch, "link", "set", _BRIDGE, "up")
        except BaseException:
            _remove(self._name)
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        _remove(self._name)

    def host(self, name: str) -> Host:
        """Plug a new machine in."""
        self._hosts += 1
        host = Host(name, number=self._hosts, network=self._name)
        host.plug_in()
        return host


def _enter(libc: ctypes.CDLL, namespace: int) -> None:
    if libc.setns(namespace, _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def remove_leftovers() -> None:
    """Remove what test runs that have ended left behind."""
    for pid in {int(found[1]) for name in namespaces() if (found := _OURS.match(name))}:
        if not is_alive(pid):
            _remove(f"tn{pid}-")


def _remove(prefix: str) -> None:
    """Remove what has names that begin so: what runs on the hosts, the hosts, the switch, the cables."""
    for namespace in namespaces():
        if namespace.startswith(prefix):
            for running in _ip("netns", "pids", namespace).split():
                with suppress(ProcessLookupError):
                    os.kill(int(running), signal.SIGKILL)
            _ip("netns", "del", namespace)


def namespaces() -> list[str]:
    """List the network namespaces of this machine that have a name."""
    return [path.name for path in _NAMESPACES.iterdir()] if _NAMESPACES.exists() else []


def _ip(*words: str) -> str:
    assert _IP is not None
    return subprocess.run([_IP, *words], check=True, capture_output=True, text=True).stdout
