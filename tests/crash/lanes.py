"""Senders as platforms are: one request after the other, and again what was not answered 201."""

import threading
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import orjson

from tests.crash.books import Sent

_CREATED = 201
# Longer than web waits for Redis: it is web that must give up first.
_TIMEOUT_S = 15.0
_PAUSE_S = 0.05
_LOOK_S = 0.1


class Gate:
    """Lets as many webhooks through as the conductor has let go, and all lanes out at the end."""

    def __init__(self) -> None:
        self._free = threading.Semaphore(0)
        self._ended = threading.Event()

    def let_go(self, count: int) -> None:
        """Let so many more webhooks be sent."""
        self._free.release(count)

    def end(self) -> None:
        """Let no more be sent, also not what was not acknowledged."""
        self._ended.set()

    def take(self) -> bool:
        """Wait for leave to send one more; False at the end."""
        while not self._free.acquire(timeout=_LOOK_S):
            if self._ended.is_set():
                return False
        return not self._ended.is_set()

    def pause(self) -> bool:
        """Wait a little before a second try; False at the end."""
        return not self._ended.wait(_PAUSE_S)


class Lane(threading.Thread):
    """One connection that sends its numbers in order.

    Attributes:
        sent: how often each number was sent.
        acknowledged: what was answered 201, by event id.
    """

    def __init__(self, lane: int, url: str, *, count: int, gate: Gate) -> None:
        super().__init__(name=f"lane {lane}", daemon=True)
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port)
        self._path = parts.path
        self._connection: HTTPConnection | None = None
        self._count = count
        self._gate = gate
        self.lane = lane
        self.sent: dict[int, int] = {}
        self.acknowledged: dict[str, Sent] = {}

    def run(self) -> None:
        """Send all numbers, or as many as the gate lets through."""
        for number in range(self._count):
            if not self._gate.take() or not self._send_until_acknowledged(number):
                break
        self._hang_up()

    def _send_until_acknowledged(self, number: int) -> bool:
        while True:
            attempt = self.sent.get(number, 0) + 1
            self.sent[number] = attempt
            sent = Sent(self.lane, number, attempt)
            event_id = self._post(sent)
            if event_id is not None:
                self.acknowledged[event_id] = sent
                return True
            if not self._gate.pause():
                return False

    def _post(self, sent: Sent) -> str | None:
        try:
            if self._connection is None:
                host, port = self._address
                self._connection = HTTPConnection(host, port, timeout=_TIMEOUT_S)
            self._connection.request("POST", self._path, orjson.dumps(sent._asdict()))
            answer = self._connection.getresponse()
            body = answer.read()
        except (OSError, HTTPException):
            self._hang_up()
            return None
        return str(orjson.loads(body)["event_id"]) if answer.status == _CREATED else None

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def acknowledged_by(lanes: Sequence[Lane]) -> int:
    """Count what all lanes have got acknowledged so far."""
    return sum(len(lane.acknowledged) for lane in lanes)
