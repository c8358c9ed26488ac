"""Sends webhooks fast: keep-alive connections, requests built beforehand, one callback an answer.

When each request is sent stands in ``feed.py``. It is measured together with the server it loads, often on the same two cores, so it must cost
little: about 20 µs of CPU a request (tests/integration/test_cli_send.py holds a bound).
"""

import asyncio
import math
import ssl
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

import httptools

from transformer.cli.feed import AtOnce, Due, Paced
from transformer.cli.prepared import Prepared, Target, prepare, read_target

__all__ = ["Answer", "Prepared", "Summary", "Target", "prepare", "read_target", "send_all"]

CREATED = 201
_FIRST_FINAL_STATUS = 200
_CONNECT_TIMEOUT_S = 10.0
_WATCH_EVERY_S = 0.25
# A server that refuses this often in a row is not restarting: it is not there.
_CONNECTS_BEFORE_GIVING_UP = 5
_PAUSE_AFTER_REFUSAL_S = 0.05


class Answer(NamedTuple):
    """What one request got: a status, or 0 and the reason why there was no answer.

    ``seconds`` counts from the sending, or with a rate from when the request was due.
    """

    request: Prepared
    status: int
    body: bytes
    seconds: float
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of all requests.

    Args:
        sent: requests that were begun.
        accepted: answered 201.
        statuses: how many got each status.
        failures: how many got no answer, by reason.
        seconds: from the first request to the last answer.
        latencies: seconds of each answered request, sorted; with a rate since it was due.
        gave_up: the server could not be reached any more, and requests were left over.
    """

    sent: int
    accepted: int
    statuses: Mapping[int, int]
    failures: Mapping[str, int]
    seconds: float
    latencies: Sequence[float]
    gave_up: bool

    @property
    def per_second(self) -> float:
        """Accepted webhooks a second."""
        return self.accepted / self.seconds if self.seconds else 0.0

    def latency_ms(self, share: float) -> float:
        """Give the latency within which this share (0 to 1) of the answers came."""
        if not self.latencies:
            return 0.0
        place = max(math.ceil(share * len(self.latencies)) - 1, 0)
        return self.latencies[place] * 1_000


async def send_all(
    url: str,
    requests: Iterable[Prepared],
    *,
    concurrency: int,
    per_second: float | None = None,
    on_answer: Callable[[Answer], None] | None = None,
    timeout_s: float = 30.0,
) -> Summary:
    """Send every request, ``concurrency`` at a time, and return what became of them.

    Args:
        url: where to; the path stands in the requests.
        requests: taken one by one, when a connection is free.
        concurrency: how many connections, at most.
        per_second: how many requests are due each second; None: as many as are answered.
        on_answer: is called once a request, on the event loop.
        timeout_s: how long to wait for one answer.
    """
    feed = (
        AtOnce(iter(requests))
        if per_second is None
        else Paced(iter(requests), per_second=per_second)
    )
    sending = _Sending(read_target(url), feed, on_answer, timeout_s)
    return await sending.run(concurrency)


class _Sending:
    """What the connections of one :func:`send_all` share."""

    def __init__(
        self,
        target: Target,
        feed: AtOnce | Paced,
        on_answer: Callable[[Answer], None] | None,
        timeout_s: float,
    ) -> None:
        self.feed = feed
        self._target = target
        self._on_answer = on_answer
        self._timeout_s = timeout_s
        self._tls = ssl.create_default_context() if target.secure else None
        self._statuses: Counter[int] = Counter()
        self._failures: Counter[str] = Counter()
        self._latencies = array("d")
        self._open: set[_Connection] = set()
        self._gave_up = False

    async def run(self, concurrency: int) -> Summary:
        started_at = time.perf_counter()
        watch = asyncio.create_task(self._watch())
        feeding = asyncio.create_task(self.feed.run())
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(concurrency):
                    group.create_task(self._drive())
        finally:
            watch.cancel()
            feeding.cancel()
        seconds = time.perf_counter() - started_at
        return Summary(
            sent=sum(self._statuses.values()) + sum(self._failures.values()),
            accepted=self._statuses[CREATED],
            statuses=dict(self._statuses),
            failures=dict(self._failures),
            seconds=seconds,
            latencies=sorted(self._latencies),
            gave_up=self._gave_up,
        )

    def count(self, answer: Answer) -> None:
        if answer.status:
            self._statuses[answer.status] += 1
            self._latencies.append(answer.seconds)
        else:
            self._failures[answer.failure] += 1
        if self._on_answer is not None:
            self._on_answer(answer)

    async def _drive(self) -> None:
        """Keep one connection going until the requests are used up."""
        loop = asyncio.get_running_loop()
        refusals = 0
        while (due := await self.feed.first()) is not None:
            if refusals == _CONNECTS_BEFORE_GIVING_UP:
                self._gave_up = True
                return
            try:
                connection = await self._connect(loop, due)
            except (OSError, TimeoutError) as error:
                self.count(Answer(due.request, 0, b"", 0.0, _why(error)))
                refusals += 1
                await asyncio.sleep(_PAUSE_AFTER_REFUSAL_S)
                continue
            refusals = 0
            self._open.add(connection)
            try:
                await connection.lost
            finally:
                self._open.discard(connection)

    async def _connect(self, loop: asyncio.AbstractEventLoop, first: Due) -> "_Connection":
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            _, connection = await loop.create_connection(
                lambda: _Connection(self, first, loop.create_future()),
                self._target.host,
                self._target.port,
                ssl=self._tls,
            )
        return connection

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_WATCH_EVERY_S)
            overdue = time.perf_counter() - self._timeout_s
            for connection in list(self._open):
                connection.give_up_if_sent_before(overdue)


class _Connection(asyncio.Protocol):
    """One keep-alive connection: a request, its answer, the next request."""

    __slots__ = (
        "_body",
        "_due_at",
        "_has_head",
        "_parser",
        "_request",
        "_sending",
        "_sent_at",
        "_transport",
        "lost",
    )

    def __init__(self, sending: _Sending, first: Due, lost: "asyncio.Future[None]") -> None:
        self.lost = lost
        self._sending = sending
        self._request: Prepared | None
        self._request, self._due_at = first
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""
        self._has_head = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if self._request is not None:
            self._send(self._request)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._fail("not an HTTP answer")

    def on_headers_complete(self) -> None:
        self._has_head = True

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        request, parser = self._request, self._parser
        status = parser.get_status_code()
        self._has_head = False
        if request is None or status < _FIRST_FINAL_STATUS:
            return
        self._sending.count(Answer(request, status, self._body, self._seconds()))
        self._request = None
        if not parser.should_keep_alive():
            self._transport.close()
            return
        self._body = b""
        self._sending.feed.take(self._resume)

    def connection_lost(self, error: Exception | None) -> None:
        if error is None and self._has_head:  # an answer without a length ends with the connection
            self.on_message_complete()
        self._sending.feed.forget(self._resume)
        self._fail(_why(error) if error is not None else "connection closed without an answer")
        if not self.lost.done():
            self.lost.set_result(None)

    def give_up_if_sent_before(self, moment: float) -> None:
        """Count a request that waits for too long as failed, and leave this connection."""
        if self._request is not None and self._sent_at < moment:
            self._fail("timed out")

    def _resume(self, due: Due | None) -> None:
        if due is None:
            self._transport.close()
            return
        self._request, self._due_at = due
        self._send(due.request)

    def _send(self, request: Prepared) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(request.data)

    def _seconds(self) -> float:
        since = self._sent_at if self._due_at is None else self._due_at
        return time.perf_counter() - since

    def _fail(self, reason: str) -> None:
        request, self._request = self._request, None
        if request is not None:
            self._sending.count(Answer(request, 0, b"", self._seconds(), reason))
        self._transport.abort()


def _why(error: BaseException) -> str:
    match error:
        case ConnectionRefusedError():
            return "connection refused"
        case ConnectionResetError() | BrokenPipeError():
            return "connection reset"
        case TimeoutError():
            return "timed out"
        case ssl.SSLError():
            return f"TLS failed: {error.reason or error}"
        case _:
            return str(error) or type(error).__name__
