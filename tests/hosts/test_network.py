"""The network that the other tests stand on: what it promises is true."""

import socket
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support import network, processes
from tests.support.network import Network
from tests.support.waiting import wait_until

_PORT = 7000

_KILLED = """
import os
from subprocess import DEVNULL, Popen
from tests.support.network import Network

with Network() as network:
    with network.host("left").entered():
        print(Popen(["sleep", "600"], stdout=DEVNULL, stderr=DEVNULL).pid, flush=True)
    os.kill(os.getpid(), 9)
"""


@pytest.fixture
def switch() -> Iterator[Network]:
    if lacking := network.missing():
        pytest.skip(lacking)
    with Network() as made:
        yield made


def _hears(listening: socket.socket, sending: socket.socket, word: bytes) -> bool:
    sending.send(word)
    try:
        return listening.recv(99) == word
    except TimeoutError:
        return False


def test_a_cut_cable_carries_nothing_and_a_mended_one_does(switch: Network) -> None:
    here, there = switch.host("here"), switch.host("there")
    with there.entered():
        listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listening.bind((there.address, _PORT))
        listening.settimeout(0.2)
    with here.entered():
        sending = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sending.connect((there.address, _PORT))
    with closing(listening), closing(sending):
        assert _hears(listening, sending, b"before")
        there.cut_off()
        assert not _hears(listening, sending, b"lost")
        there.rejoin()
        wait_until("words arrive again", lambda: _hears(listening, sending, b"after"))


@pytest.mark.usefixtures("switch")
def test_what_a_killed_run_left_behind_is_removed_by_the_next() -> None:
    with processes.running([sys.executable, "-c", _KILLED]) as killed:
        assert killed.stdout is not None
        left = int(killed.stdout.readline())
        killed.wait(20)
    assert processes.is_alive(left)
    network.remove_leftovers()
    wait_until("it has ended", lambda: not processes.is_alive(left))
    assert not [name for name in network.namespaces() if name.endswith("-left")]
