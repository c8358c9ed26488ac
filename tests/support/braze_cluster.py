"""A stand-in for a Braze cluster: a real HTTP server that answers as one does, and fails when told to.

It knows the rules that matter on the way there: who is asked for, how many objects a call takes, and
errors by array and index. What it took it remembers in the order in which it took effect.
"""

import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "key-of-the-other-side"
_ARRAYS = ("attributes", "events", "purchases")
_MAX_BYTES = 4 * 1_048_576


@dataclass(frozen=True, slots=True)
class Took:
    """An object that took effect."""

    path: str
    array: str
    object: Any


@dataclass(frozen=True, slots=True)
class Received:
    """A call as it arrived, and how it was answered; 0: not at all."""

    method: str
    path: str
    body: Any
    size: int
    headers: Mapping[str, str]
    status: int
    at_s: float


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one call.

    Args:
        status: the answer, instead of the right one; 0: none, the connection is reset.
        body: of that answer.
        headers: of that answer.
        takes: whether the objects take effect all the same.
        hold: the answer waits until this is set.
    """

    status: int = 0
    body: Any = field(default_factory=lambda: {"message": "as told"})
    headers: Mapping[str, str] = field(default_factory=dict)
    takes: bool = False
    hold: threading.Event | None = None


Judge = Callable[[str, Any], Fault | None]


class BrazeCluster:
    """The server; ``faults`` befall the next calls, and ``judge`` those behind them."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.received: list[Received] = []
        self.taken: list[Took] = []
        self.faults: deque[Fault | None] = deque()
        self.judge: Judge = lambda _path, _body: None
        self.key = KEY
        self.headers: dict[str, str] = {}
        # Profiles and items that two calls had at the same time.
        self.overlaps: list[str] = []
        self.in_flight: list[frozenset[str]] = []
        server = _Server(("127.0.0.1", 0), _Handler)
        server.cluster = self
        self._server = server
        self.url = f"http://127.0.0.1:{server.server_address[1]}"

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.02)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def objects(self, array: str | None = None) -> list[Any]:
        with self.lock:
            return [one.object for one in self.taken if array in {None, one.array}]


class _Server(ThreadingHTTPServer):
    cluster: BrazeCluster
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that went away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet
    server: _Server

    def do_POST(self) -> None:
        cluster = self.server.cluster
        raw = self.rfile.read(int(self.headers.get("content-length", "0")))
        body = json.loads(raw)
        names = _names(self.path, body)
        with cluster.lock:
            fault = cluster.faults.popleft() if cluster.faults else cluster.judge(self.path, body)
            cluster.overlaps += [name for held in cluster.in_flight for name in held & names]
            cluster.in_flight.append(names)
        try:
            self._settle(cluster, body, len(raw), fault)
        finally:
            with cluster.lock:
                cluster.in_flight.remove(names)

    do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815 - so the library wants it

    def _settle(self, cluster: BrazeCluster, body: Any, size: int, fault: Fault | None) -> None:
        arrived_s = time.monotonic()
        status, answer, headers = self._judged(cluster, body, size)
        if fault is None or fault.takes:
            with cluster.lock:
                cluster.taken += _taken(self.path, body, answer) if status < 400 else []
        if fault is not None:
            if fault.hold is not None:
                fault.hold.wait(30)
            if fault.status or not fault.hold:
                status, answer, headers = fault.status, fault.body, dict(fault.headers)
        with cluster.lock:
            cluster.received.append(
                Received(self.command, self.path, body, size, dict(self.headers), status, arrived_s)
            )
        if status == 0:
            reset(self)
        else:
            self._answer(status, answer, headers)

    def _judged(
        self, cluster: BrazeCluster, body: Any, size: int
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        status, answer = 201, {"message": "success"}
        if self.headers.get("authorization") != f"Bearer {cluster.key}":
            status, answer = 401, {"message": "Invalid API key"}
        elif size > _MAX_BYTES:
            status, answer = 413, {"message": "Payload too large"}
        elif self.path == "/users/track":
            status, answer = _tracked(body)
        elif any(len(elements) > 50 for elements in body.values()):
            status, answer = 400, {"message": "Invalid Request"}
        elif self.path.startswith("/catalogs/"):
            ids = [item["id"] for item in body["items"]]
            status = 202 if len(set(ids)) == len(ids) else 400
        return status, answer, dict(cluster.headers)

    def _answer(self, status: int, answer: Any, headers: Mapping[str, str]) -> None:
        raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


def reset(handler: BaseHTTPRequestHandler) -> None:
    """Break a connection off in the middle of a call."""
    handler.close_connection = True
    # No linger: the other end gets a reset, not an end.
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def _tracked(body: Any) -> tuple[int, dict[str, Any]]:
    count = sum(len(body.get(array, [])) for array in _ARRAYS)
    if count > 75:
        return 400, {"message": "Max Input Length Exceeded"}
    errors = [
        {
            "type": "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required",
            "input_array": array,
            "index": index,
        }
        for array in _ARRAYS
        for index, one in enumerate(body.get(array, []))
        if not {"external_id", "user_alias", "email", "phone"} & one.keys()
    ]
    if count == len(errors):
        message = (
            "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."
        )
        return 400, {"message": message, "errors": errors}
    answer: dict[str, Any] = {"message": "success"}
    answer |= {f"{array}_processed": len(body[array]) for array in _ARRAYS if array in body}
    return 201, answer | ({"errors": errors} if errors else {})


def _taken(path: str, body: Any, answer: Any) -> list[Took]:
    """Give the objects in the order in which they take effect."""
    refused = {(error["input_array"], error["index"]) for error in answer.get("errors", [])}
    arrays = _ARRAYS if path == "/users/track" else tuple(body)
    return [
        Took(path, array, one)
        for array in arrays
        for index, one in enumerate(body.get(array, []))
        if (array, index) not in refused
    ]


def _names(path: str, body: Any) -> frozenset[str]:
    return frozenset(
        f"{path if 'catalogs' in path else ''}{one.get('external_id') or one.get('id')}"
        for elements in body.values()
        for one in elements
        if isinstance(one, dict) and (one.get("external_id") or one.get("id"))
    )


@contextmanager
def running_cluster() -> Iterator[BrazeCluster]:
    """Serve until the block ends."""
    cluster = BrazeCluster()
    thread = threading.Thread(target=cluster.serve, name="braze", daemon=True)
    thread.start()
    try:
        yield cluster
    finally:
        cluster.stop()
        thread.join()
