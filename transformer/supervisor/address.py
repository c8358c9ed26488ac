"""Where web listens: a free port, the URL that leads to it, and whether it answers there."""

import errno
import http.client
import socket
from urllib.parse import urlsplit

from transformer.errors import UsageError

# Looking further would only hide that something is odd on this machine.
_PORTS_TO_TRY = 100
_LAST_PORT = 65_535
_ANSWER_TIMEOUT_S = 5.0


def choose_port(host: str, port: int, *, given: bool) -> int:
    """Find a port that web can listen on.

    Args:
        host: the address to listen on.
        port: the wanted port; 0: any.
        given: somebody asked for this very port, so no other will do.

    Raises:
        UsageError: the given port is busy or not allowed, or the host is not of this machine.
    """
    last = port if given or port == 0 else min(port + _PORTS_TO_TRY, _LAST_PORT)
    for candidate in range(port, last + 1):
        found = _bindable(host, candidate)
        if found is not None:
            return found
    raise UsageError(
        f"Port {port} on {host} is in use."
        if last == port
        else f"The ports {port} to {last} on {host} are all in use.",
        hint="Stop what listens there, or choose another with --port (0 takes any free one).",
    )


def url_of(host: str, port: int) -> str:
    """Give the URL that reaches web from this machine."""
    if host in {"", "0.0.0.0"}:  # noqa: S104  # compared, not bound
        host = "127.0.0.1"
    elif host == "::":
        host = "::1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def ask_ready(url: str) -> str:
    """Ask web whether it is ready: its status and body, or what kept it from answering."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(
        place.hostname or "", place.port, timeout=_ANSWER_TIMEOUT_S
    )
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return f"{answer.status} {answer.read().decode(errors='replace')}"
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        connection.close()


def _bindable(host: str, port: int) -> int | None:
    try:
        # The family that web will take (processes/web.py), whatever else the name stands for.
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        place = socket.getaddrinfo(host or None, port, family, flags=socket.AI_PASSIVE)[0][4]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As uvicorn does: what closed a moment ago does not count as in use.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            probe.listen(1)
            return int(probe.getsockname()[1])
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return None
        raise UsageError(
            f"Nothing can listen on {host}:{port}: {error.strerror}.",
            hint="Choose an address of this machine with --host, and a port above 1023 with --port.",
        ) from error
