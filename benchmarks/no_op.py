"""A server that does nothing: the ceiling of the load generator and of uvicorn together."""

import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

_STARTS_WITHIN_S = 60


@dataclass(frozen=True, slots=True)
class Server:
    """A server that was started for a while."""

    url: str
    pid: int


async def app(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Read a request, and say that it was accepted."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send(
        {"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"2")]}
    )
    await send({"type": "http.response.body", "body": b"{}"})


@contextmanager
def serving_no_op() -> Iterator[Server]:
    """Serve :func:`app` with uvicorn, in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", f"{__name__}:app", "--port", str(port)]
    command += ["--no-access-log", "--log-level", "error", "--lifespan", "off"]
    with started(command, port) as server:
        yield server


@contextmanager
def started(
    command: list[str],
    port: int,
    *,
    cwd: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Start a server's command, and stop it again."""
    process = subprocess.Popen(  # noqa: S603 - the commands are ours
        command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for_port(port, process)
        yield Server(f"http://127.0.0.1:{port}/in/x", process.pid)
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """Find a port on which nobody listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    message = f"nothing listens on port {port}: {process.args!r}"
    raise RuntimeError(message)
