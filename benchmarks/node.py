"""Peers that run on Node, installed from the lockfile in their folder at their first use."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
_INSTALL_S = 600
_RUN_S = 120


class PeerMissing(Exception):
    """Node or the peer cannot be had on this machine."""


def install(name: str, folder: Path) -> None:
    """Make sure that a package can be loaded; it is compiled where no binary fits.

    Raises:
        PeerMissing: it cannot.
    """
    if shutil.which("node") is None:
        raise PeerMissing("there is no Node on this machine")
    if _loads(name, folder):
        return
    if shutil.which("npm") is None:
        raise PeerMissing(f"there is no npm to install {name} with")
    print(f"  installing {name} (once, about a minute) …", flush=True)
    execute(["npm", "ci", "--silent"], b"", folder=folder, within_s=_INSTALL_S)
    if not _loads(name, folder):
        raise PeerMissing(f"{name} does not load in this version of Node")


def execute(
    command: Sequence[str], text: bytes, *, folder: Path, within_s: float = _RUN_S
) -> bytes:
    """Run a command of a peer to its end; gives its standard output.

    Raises:
        PeerMissing: it failed.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the commands are ours
            command, input=text, capture_output=True, cwd=folder, timeout=within_s, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise PeerMissing(f"{' '.join(command[:2])} failed: {error}") from error
    return done.stdout


def _loads(name: str, folder: Path) -> bool:
    try:
        execute(["node", "-e", f"require('{name}')"], b"", folder=folder)
    except PeerMissing:
        return False
    return True
