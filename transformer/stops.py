"""Named points where a process can be stopped, so that a test can kill it, or another, exactly then.

In production the points do nothing. With ``TRANSFORMER_STOP_AT=FOLDER`` a process stops at a point
that a file in the folder is named after, ``ROLE.POINT``: the first to get there takes it, by renaming
it to ``ROLE.POINT.PID``, and stands still until that file is gone or itself is killed; all others pass.
"""

import os
import threading
import time
from pathlib import Path

_LOOK_S = 0.005


class Stops:
    """The points of one process, and its wish to end."""

    def __init__(self, stop_at: str = "", *, role: str = "") -> None:
        self._stop_at = stop_at
        self._role = role
        self._ending = threading.Event()

    def reach(self, point: str) -> None:
        """Say that the process has come to a point; a test may hold it there."""
        if self._stop_at:
            _hold(Path(self._stop_at), f"{self._role}.{point}")

    def end(self) -> None:
        """Ask the loops of this process to end at their next step."""
        self._ending.set()

    def wait(self, seconds: float) -> bool:
        """Wait, unless the process is to end; says whether to go on."""
        return not self._ending.wait(seconds)


def _hold(folder: Path, point: str) -> None:
    taken = folder / f"{point}.{os.getpid()}"
    try:
        (folder / point).rename(taken)
    except FileNotFoundError:
        return
    while taken.exists():
        time.sleep(_LOOK_S)
