"""Named points where a process can be stopped, so that a test can kill it exactly there.

In production the points do nothing. With ``TRANSFORMER_STOP_AT=POINT@FILE`` the first process that
gets to the point makes the file, with its process id in it, and waits to be killed; all others pass.
"""

import os
import signal
import threading
from pathlib import Path


class Stops:
    """The points of one process, and its wish to end."""

    def __init__(self, stop_at: str = "") -> None:
        self._point, _, file = stop_at.partition("@")
        self._file = Path(file)
        self._ending = threading.Event()

    def reach(self, point: str) -> None:
        """Say that the process has come to a point; does not return if a test stops it there."""
        if point != self._point:
            return
        try:
            with self._file.open("x", encoding="utf-8") as file:
                file.write(str(os.getpid()))
        except FileExistsError:
            return
        while True:
            signal.pause()

    def end(self) -> None:
        """Ask the loops of this process to end at their next step."""
        self._ending.set()

    def wait(self, seconds: float) -> bool:
        """Wait, unless the process is to end; says whether to go on."""
        return not self._ending.wait(seconds)
