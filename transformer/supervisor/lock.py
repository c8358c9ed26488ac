"""The lock of a data folder: one transformer at a time.

The kernel holds it (``flock``) and drops it with the process, so a killed run leaves nothing to
clean up (tests/integration/test_supervisor_killed.py).
"""

import fcntl
import os
from pathlib import Path

from transformer.errors import UsageError

_NAME = "lock"


class DataFolderLock:
    """Holds a data folder until released, or until this process ends in whatever way."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the folder, making it if it is new.

        Raises:
            UsageError: the folder cannot be written, or another transformer runs on it.
        """
        try:
            self._data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._data_dir / _NAME, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise UsageError(
                f"The data folder {self._data_dir} cannot be used: {error.strerror}.",
                hint="Name a folder that you may write to with --data or TRANSFORMER_DATA_DIR.",
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise UsageError(
                f"Another transformer (pid {holder}) runs on the data folder {self._data_dir}.",
                hint="Stop it, or give this one a folder of its own with --data.",
            ) from error
        except OSError as error:
            os.close(descriptor)
            raise UsageError(
                f"The data folder {self._data_dir} cannot be locked: {error.strerror}.",
                hint="Name a folder on a local disk with --data or TRANSFORMER_DATA_DIR.",
            ) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the folder back; releasing twice is harmless."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
