"""What everything that `transformer up` starts holds in memory when nothing is to do."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.proc import command_line, descendants, shared_out_mb
from benchmarks.results import Measured

ROUNDS, IDLE_S = 3, 5.0
QUICK_ROUNDS, QUICK_IDLE_S = 1, 1.0
_ROLES = ("web", "worker", "writer", "scheduler")


def measure(*, quick: bool = False) -> list[Measured]:
    """Measure the sum over all processes, the supervisor and Valkey included."""
    rounds, idle_s = (QUICK_ROUNDS, QUICK_IDLE_S) if quick else (ROUNDS, IDLE_S)
    held = []
    for _ in range(rounds):
        with _up() as pid:
            time.sleep(idle_s)
            held.append(_by_name(pid))
        told = ", ".join(f"{name} {megabytes:.1f}" for name, megabytes in held[-1].items())
        print(f"  {sum(held[-1].values()):.1f} MB: {told}", flush=True)
    return [
        Measured(
            "memory.idle_mb",
            "MB",
            "lower",
            [sum(by_name.values()) for by_name in held],
            target=350,
            notes={f"mb.{name}": round(megabytes, 1) for name, megabytes in held[-1].items()},
        )
    ]


@contextmanager
def _up() -> Iterator[int]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        command = [sys.executable, "-m", "transformer", "up", "--port", "0"]
        environment = os.environ | {"TRANSFORMER_DATA_DIR": str(Path(folder) / "data")}
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command
                command, env=environment, stdout=subprocess.PIPE, stderr=log
            )
        try:
            assert process.stdout is not None  # noqa: S101 - it was asked for
            if not process.stdout.readline().startswith(b"ready "):
                raise RuntimeError((Path(folder) / "log").read_text("utf-8"))
            yield process.pid
        finally:
            process.terminate()
            process.communicate()


def _by_name(supervisor: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for pid in (supervisor, *descendants(supervisor)):
        name = "supervisor" if pid == supervisor else _name(pid)
        found[name] = found.get(name, 0.0) + shared_out_mb(pid)
    return found


def _name(pid: int) -> str:
    words = command_line(pid).split()
    if not words:
        return "sandbox"
    if "valkey" in words[0]:
        return "valkey"
    return words[-1] if words[-1] in _ROLES else "sandbox"
