"""Real processes for tests: started, read from, killed, and always reaped."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from transformer.supervisor import tether

_REAP_S = 15.0

_STAND_IN = Path(__file__).with_name("stand_in.py")


def is_alive(pid: int) -> bool:
    """Say whether a process still runs; one that only waits to be reaped does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def is_stopped(pid: int) -> bool:
    """Say whether a process stands still after SIGSTOP."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    return stat.rpartition(")")[2].split()[0] == "T"


@contextmanager
def running(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Start a command with pipes for its output, and end it with the block, however that ends."""
    process = subprocess.Popen(
        command,
        env=None if environment is None else {**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=_REAP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def stand_in_command(role: str) -> list[str]:
    """Give a child of the supervisor that only starts, answers /readyz and stops."""
    python = [sys.executable, "-I", "-S"]
    return [*python, tether.__file__, str(os.getpid()), *python, str(_STAND_IN), role]


@contextmanager
def stopped(*pids: int) -> Iterator[None]:
    """Hold processes still while the block runs."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
