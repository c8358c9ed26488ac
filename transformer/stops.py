"""Named points where a process can be stopped, so that a test can kill it exactly there.

In production the points do nothing. With ``TRANSFORMER_STOP_AT=name`` the process writes the name
to the file ``TRANSFORMER_STOP_FILE`` when it first gets there, and waits to be killed.
"""

import os
import signal
import threading
from pathlib import Path


class Stops:
    """The points of one process, and its wish to end."""

    def __init__(self, *, stop_at: str = "", stop_file: Path | None = None) -> None:
        self._stop_at = stop_at
        self._stop_file = stop_file
        self._ending = threading.Event()

    def reach(self, name: str) -> None:
        """Say that the process has come to a point; does not return if a test stops it there."""
        if name != self._stop_at or self._stop_file is None or self._stop_file.exists():
            return
        self._stop_file.write_text(f"{name} {os.getpid()}\n", "utf-8")
        while True:
            signal.pause()

    def end(self) -> None:
        """Ask the loops of this process to end at their next step."""
        self._ending.set()

    def wait(self, seconds: float) -> bool:
        """Wait, unless the process is to end; says whether to go on."""
        return not self._ending.wait(seconds)
