"""A line between two instances that breaks when told to: a real HTTP server that passes calls on.

A call is lost before it gets there, or its answer is lost on the way back; or something between the
two answers instead, as a load balancer does.
"""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, TypeAlias

import httpx

from tests.support.braze_cluster import reset

Fate: TypeAlias = Literal["well", "lost there", "lost back"] | int
"""What befalls a call; a number is the status of an answer from between."""

_PASSED = ("authorization", "content-type", "x-transformer-through")


class BrokenLine:
    """The line; ``fates`` are those of the next calls."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.fates: deque[Fate] = deque()
        self.broken = 0
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.line = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def break_next(self, fates: Sequence[Fate]) -> None:
        self.fates.extend(fates)

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.02)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    line: BrokenLine
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that went away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: _Server

    def do_POST(self) -> None:
        line = self.server.line
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        fate = line.fates.popleft() if line.fates else "well"
        line.broken += fate != "well"
        if isinstance(fate, int):
            self._answer(fate, {"Retry-After": "0"}, b'{"message": "from between"}')
            return
        if fate == "lost there":
            reset(self)
            return
        headers = {name: self.headers[name] for name in _PASSED if name in self.headers}
        answer = httpx.request(
            self.command, line.target + self.path, content=body, headers=headers, timeout=30
        )
        if fate == "lost back":
            reset(self)
            return
        passed = {
            name: value for name, value in answer.headers.items() if name.startswith("x-ratelimit")
        }
        self._answer(answer.status_code, passed, answer.content)

    do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815 - so the library wants it

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@contextmanager
def broken_line(target: str) -> Iterator[BrokenLine]:
    """Pass calls on to an instance until the block ends."""
    line = BrokenLine(target)
    thread = threading.Thread(target=line.serve, name="line", daemon=True)
    thread.start()
    try:
        yield line
    finally:
        line.stop()
        thread.join()
