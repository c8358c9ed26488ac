"""The peer that is measured beside the sandbox: isolated-vm on Node, in the folder peers/."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import orjson

FOLDER = Path(__file__).parent / "peers"
_INSTALL_S = 600
_RUN_S = 120


class PeerMissing(Exception):
    """Node or isolated-vm cannot be had on this machine."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run of the peer gave."""

    events_per_s: float
    output: bytes


def install() -> None:
    """Make sure that isolated-vm can be loaded; it is compiled where no binary fits.

    Raises:
        PeerMissing: it cannot.
    """
    if shutil.which("node") is None:
        raise PeerMissing("there is no Node on this machine")
    if _loads():
        return
    if shutil.which("npm") is None:
        raise PeerMissing("there is no npm to install isolated-vm with")
    print("  installing isolated-vm into benchmarks/peers (once, about a minute) …", flush=True)
    _execute(["npm", "ci", "--silent"], b"", within_s=_INSTALL_S)
    if not _loads():
        raise PeerMissing("isolated-vm does not load in this version of Node")


def run(
    mode: Literal["isolate", "context", "warm"],
    *,
    code: str,
    payloads: Sequence[bytes],
    warm_up: int,
    events: int,
) -> Ran:
    """Run a program on payloads in a Node process of its own, on the processors of this thread.

    Raises:
        PeerMissing: the process failed.
    """
    question = {
        "mode": mode,
        "code": code,
        "payloads": [payload.decode() for payload in payloads],
        "warm_up": warm_up,
        "events": events,
    }
    # isolated-vm wants this flag since Node 20.
    command = ["node", "--no-node-snapshot", "isolated_vm.js"]
    answer = orjson.loads(_execute(command, orjson.dumps(question), within_s=_RUN_S))
    return Ran(events / answer["seconds"], answer["output"].encode())


def _loads() -> bool:
    try:
        _execute(["node", "-e", "require('isolated-vm')"], b"", within_s=_RUN_S)
    except PeerMissing:
        return False
    return True


def _execute(command: Sequence[str], text: bytes, *, within_s: float) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - the commands are ours
            command, input=text, capture_output=True, cwd=FOLDER, timeout=within_s, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise PeerMissing(f"{' '.join(command[:2])} failed: {error}") from error
    return done.stdout
