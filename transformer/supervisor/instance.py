"""One running transformer on one machine: everything `transformer up` starts, as an object.

A thread of its own starts, watches and stops the processes: the kernel ties a child to the thread
that started it (``tether.py``), so that thread must be the last to go.
"""

import contextvars
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from pydantic import SecretStr

from transformer.errors import Unavailable
from transformer.settings import PREFIX, Settings
from transformer.supervisor import valkey
from transformer.supervisor.address import ask_ready, choose_port, url_of
from transformer.supervisor.admin_token import FILE_NAME, keep_admin_token
from transformer.supervisor.children import Child
from transformer.supervisor.crew import VALKEY, Crew, Report, describe_ending, own_command
from transformer.supervisor.lock import DataFolderLock
from transformer.supervisor.valkey import EmbeddedValkey

_TEND_EVERY_S = 0.1
_POLL_S = 0.01
_PROBE_EVERY_S = 0.05
_READY_WITHIN_S = 60.0
_VALKEY_SILENT_S = 20.0
_TRIES_TO_START = 3
_LAST_LINES = 12


class _Cancelled(Exception):  # no error: somebody asked to stop
    """Stopping was asked for while starting."""


class Instance:
    """Everything on one machine, as a context manager.

    Args:
        settings: what the environment and the command line say.
        report: is told what happens.
        log_path: where the processes' standard error goes; None: to ours.
        command: gives the command of a role: web, worker, writer, scheduler, migrate.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        report: Report | None = None,
        log_path: Path | None = None,
        command: Callable[[str], Sequence[str]] = own_command,
    ) -> None:
        self._settings = settings.model_copy(update={"data_dir": settings.data_dir.absolute()})
        self._report: Report = report if report is not None else _say_nothing
        self._log_path = log_path
        self._command = command
        self._lock = DataFolderLock(self._settings.data_dir)
        self._valkey = (
            None
            if settings.redis_url
            else EmbeddedValkey(self._settings.data_dir, max_mb=settings.redis_max_mb)
        )
        self._crew = Crew(self._report)
        self._log: IO[bytes] | None = None
        self._stopping = threading.Event()
        self._at_once = threading.Event()
        self._settled = threading.Event()
        self._failure: BaseException | None = None
        # In the caller's context, so that its log lines say which process speaks.
        self._keeper = threading.Thread(
            target=contextvars.copy_context().run, args=(self._keep,), name="supervisor"
        )
        self.url = ""
        self.admin_token = ""
        self.is_first_start = False
        self.is_ready = False

    @property
    def redis_url(self) -> str:
        """Where the queue is."""
        return self._valkey.url if self._valkey is not None else self._settings.redis_url

    @property
    def database_url(self) -> str:
        """Where the store is."""
        return self._settings.resolved_database_url()

    @property
    def data_dir(self) -> Path:
        """The data folder, absolute."""
        return self._settings.data_dir

    @property
    def token_path(self) -> Path:
        """The file that keeps the admin token, where none is set."""
        return self.data_dir / FILE_NAME

    @property
    def pids(self) -> dict[str, list[int]]:
        """The processes that run now, by role."""
        return self._crew.pids

    def start(self) -> None:
        """Start everything, and return when web answers that all services are there.

        Raises:
            UsageError: the data folder or the port is taken.
            Unavailable: something did not start.
        """
        self._keeper.start()
        try:
            self._settled.wait()
        except BaseException:
            self.stop()
            raise
        if self._failure is not None:
            self._keeper.join()
            raise self._failure

    def wait(self) -> None:
        """Return when everything has been stopped.

        Raises:
            Unavailable: what was stopped could not be kept running.
        """
        self._keeper.join()
        if self._failure is not None:
            raise self._failure

    def request_stop(self) -> None:
        """Ask to drain and stop, and return at once; asked again, everything is killed."""
        if self._stopping.is_set():
            self._at_once.set()
        self._stopping.set()

    def stop(self) -> None:
        """Drain and stop everything, and return when nothing is left of it.

        Ctrl-C while it drains ends everything at once, and is passed on.
        """
        self._stopping.set()
        if not self._keeper.is_alive():
            return
        try:
            self._keeper.join()
        except KeyboardInterrupt:
            self._at_once.set()
            self._keeper.join()
            raise

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _keep(self) -> None:
        try:
            self._bring_up()
            self.is_ready = True
            self._settled.set()
            while not self._stopping.wait(_TEND_EVERY_S):
                self._crew.tend()
        except _Cancelled:
            pass
        except BaseException as error:  # noqa: BLE001  # start() and wait() raise it
            self._failure = error
        finally:
            try:
                self._take_down()
            finally:
                self._settled.set()

    def _bring_up(self) -> None:
        self._lock.acquire()
        host, wanted = self._settings.host, self._settings.port
        port_given = "port" in self._settings.model_fields_set
        port = choose_port(host, wanted, given=port_given)
        if port != wanted != 0:
            self._report("port.taken", port=wanted, instead=port)
        self.url = url_of(host, port)
        self._keep_admin_token()
        if self._log_path is not None:
            self._log = self._log_path.open("ab")
        if self._valkey is not None:
            self._start_valkey(self._valkey)
        # Not before: where the data folder's path is long, the server's socket stands elsewhere.
        environment = self._environment(port)
        self._migrate(environment)
        roles = ["web", *["worker"] * self._settings.workers, "writer", "scheduler"]
        for role in roles:
            self._crew.start(Child(role, self._command(role), environment, self._log))
        self._await_ready()
        self._report("instance.ready", url=self.url)

    def _keep_admin_token(self) -> None:
        self.admin_token = self._settings.admin_token.get_secret_value()
        if not self.admin_token:
            self.admin_token, self.is_first_start = keep_admin_token(self.data_dir)

    def _environment(self, port: int) -> Mapping[str, str]:
        settings = self._settings.model_copy(
            update={
                "port": port,
                "redis_url": self.redis_url,
                "database_url": self.database_url,
                "admin_token": SecretStr(self.admin_token),
            }
        )
        environment = dict(os.environ)
        for name in type(settings).model_fields:
            value = getattr(settings, name)
            text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            environment[PREFIX + name.upper()] = text
        return environment

    def _start_valkey(self, server: EmbeddedValkey) -> None:
        leftover = server.stop_leftover()
        if leftover is not None:
            self._report("valkey.leftover_stopped", pid=leftover)
        child = Child(
            VALKEY, server.prepare(), valkey.environment(), self._log, on_start=server.remember
        )
        self._crew.start(child)
        silent_until = time.monotonic() + _VALKEY_SILENT_S
        while not (reply := server.reply_to_ping()).startswith("+PONG"):
            if reply:  # it reads its file, for as long as that takes
                silent_until = time.monotonic() + _VALKEY_SILENT_S
            if child.has_ended() or time.monotonic() > silent_until:
                raise Unavailable(
                    "The embedded Valkey does not start.",
                    hint=f"Its last words were:\n{server.last_words()}",
                )
            self._pause(_POLL_S)

    def _migrate(self, environment: Mapping[str, str]) -> None:
        child = Child("migrate", self._command("migrate"), environment, self._log)
        self._crew.start(child)
        while (status := child.reap()) is None:
            self._pause(_POLL_S)
        self._crew.dismiss(child)
        if status != 0:
            raise Unavailable(
                f"The database could not be prepared ({describe_ending(status)}).",
                hint=self._last_words(),
            )

    def _await_ready(self) -> None:
        deadline = time.monotonic() + _READY_WITHIN_S
        while not (answer := ask_ready(self.url)).startswith("200 "):
            self._crew.tend()
            failing = self._crew.failing(tries=_TRIES_TO_START)
            if failing is not None:
                raise Unavailable(
                    f"The {failing.role} process does not start ({_TRIES_TO_START} tries).",
                    hint=self._last_words(),
                )
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"{self.url}/readyz does not say that it is ready; it says: {answer}",
                    hint=self._last_words(),
                )
            self._pause(_PROBE_EVERY_S)

    def _take_down(self) -> None:
        had_children = self._crew.stop(at_once=self._at_once.is_set)
        if self._valkey is not None and had_children:
            self._valkey.forget()
        if self._log is not None:
            self._log.close()
        self._lock.release()
        if had_children:
            self._report("instance.stopped")

    def _pause(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise _Cancelled

    def _last_words(self) -> str:
        if self._log_path is None:
            return "The lines above say why."
        lines: list[str] = []
        with suppress(OSError):
            lines = self._log_path.read_text(encoding="utf-8", errors="replace").splitlines()
        return f"{self._log_path} ends with:\n" + "\n".join(lines[-_LAST_LINES:])


def _say_nothing(_happening: str, /, **_fields: object) -> None:
    pass
