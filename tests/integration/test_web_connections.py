"""What senders may do to a connection: be slow, leave, hurry ahead, and be many."""

import re
import resource
import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.system import Made, System, running_system
from tests.support.waiting import wait_until

TIMEOUT_S = 2
LEFT = 'code="sender_left"'
SLOW_SENDERS = 10_000


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("connections")
    with running_system(
        folder / "data", request_timeout_s=TIMEOUT_S, max_connections=SLOW_SENDERS + 100
    ) as running:
        yield running


@pytest.fixture(scope="module")
def made(system: System) -> Made:
    return system.make("Connections", "return;")


def connect(system: System) -> socket.socket:
    parts = urlsplit(system.instance.url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10)


def request_of(
    made: Made, body: bytes, *, headers: bytes = b"", length: int | None = None
) -> bytes:
    path = urlsplit(made.url).path.encode()
    size = len(body) if length is None else length
    return b"POST %s HTTP/1.1\r\nhost: x\r\n%scontent-length: %d\r\n\r\n%s" % (
        path,
        headers,
        size,
        body,
    )


def read_all(wire: socket.socket) -> bytes:
    answer = b""
    while chunk := wire.recv(65_536):
        answer += chunk
    return answer


def allow_open_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(SLOW_SENDERS + 1_000, hard), hard))


def metric(system: System, name: str, label: str = "") -> float:
    text = httpx.get(f"{system.instance.url}/metrics", timeout=10).text
    return sum(
        float(row.rpartition(" ")[2])
        for row in text.splitlines()
        if row.startswith(name) and label in row
    )


@pytest.mark.parametrize("sent", [b"", b"{"], ids=["a head alone", "half a body"])
def test_a_body_that_does_not_come_is_answered_408_and_closed(
    system: System, made: Made, sent: bytes
) -> None:
    with connect(system) as wire:
        wire.sendall(request_of(made, sent, length=100))
        answer = read_all(wire)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"request_too_slow" in answer


def test_a_head_that_does_not_come_is_answered_408_and_closed(system: System) -> None:
    with connect(system) as wire:
        wire.sendall(b"POST /in/x HTT")
        assert read_all(wire).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_trickles_in_has_no_more_time_than_another(system: System, made: Made) -> None:
    with connect(system) as wire:
        wire.sendall(request_of(made, b"", length=1_000))
        wire.settimeout(0.1)
        started = time.monotonic()
        answer = b""
        while not answer and time.monotonic() - started < TIMEOUT_S + 10:
            wire.sendall(b"1")
            try:
                answer = wire.recv(4_096)
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_sender_that_leaves_in_the_middle_of_a_body_is_counted_and_nothing_is_held(
    system: System, made: Made
) -> None:
    before = metric(system, "transformer_webhooks_refused_total", LEFT)
    accepted = metric(system, "transformer_webhooks_accepted_total")
    with connect(system) as wire:
        wire.sendall(request_of(made, b'{"half": ', length=100))
    wait_until(
        "it is counted",
        lambda: metric(system, "transformer_webhooks_refused_total", LEFT) > before,
    )
    assert metric(system, "transformer_webhooks_accepted_total") == accepted


def test_a_sender_that_leaves_before_its_answer_has_been_heard(system: System, made: Made) -> None:
    before = system.count(made)
    with connect(system) as wire:
        wire.sendall(request_of(made, b"{}"))
    wait_until("it is in the log", lambda: system.count(made) == before + 1)


def test_requests_sent_ahead_are_answered_in_their_order(system: System, made: Made) -> None:
    bodies = [b'{"number": %d}' % number for number in range(20)]
    with connect(system) as wire:
        wire.sendall(b"".join(request_of(made, body) for body in bodies))
        answer = b""
        while answer.count(b"event_id") < len(bodies):
            answer += wire.recv(65_536)
    assert answer.count(b"HTTP/1.1 201 ") == len(bodies)
    ids = [found.decode() for found in re.findall(rb"evt_[0-9a-f]{32}", answer)]
    numbers = [system.delivery_of(event_id)["payload"]["number"] for event_id in ids]
    assert numbers == list(range(20))


def test_a_request_to_the_api_behind_a_webhook_waits_for_its_turn(
    system: System, made: Made
) -> None:
    with connect(system) as wire:
        wire.sendall(request_of(made, b"{}") + b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        answer = b""
        while b'"ok"' not in answer:
            answer += wire.recv(65_536)
    assert answer.index(b"201 Created") < answer.index(b"200 OK")


def test_a_body_that_is_announced_with_expect_is_asked_for(system: System, made: Made) -> None:
    with connect(system) as wire:
        wire.sendall(request_of(made, b"", headers=b"Expect: 100-continue\r\n", length=2))
        assert wire.recv(4_096).startswith(b"HTTP/1.1 100 ")
        wire.sendall(b"{}")
        assert wire.recv(4_096).startswith(b"HTTP/1.1 201 ")


def test_a_body_that_is_announced_too_large_is_never_asked_for(system: System, made: Made) -> None:
    with connect(system) as wire:
        wire.sendall(request_of(made, b"", headers=b"Expect: 100-continue\r\n", length=10**9))
        assert read_all(wire).startswith(b"HTTP/1.1 413 ")


def test_a_connection_that_asks_to_be_closed_is_closed_behind_its_answer(
    system: System, made: Made
) -> None:
    with connect(system) as wire:
        wire.sendall(request_of(made, b"{}", headers=b"Connection: close\r\n"))
        answer = read_all(wire)
    assert answer.startswith(b"HTTP/1.1 201 ")
    assert b"connection: close" in answer


def test_ten_thousand_slow_senders_keep_nobody_else_from_being_heard(
    system: System, made: Made
) -> None:
    # Remove `Connections._look` to see this fail: they stay for ever, and the port is full.
    allow_open_files()
    half = request_of(made, b'{"half": ', length=100)
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        for _ in range(SLOW_SENDERS):
            wire = stack.enter_context(connect(system))
            wire.sendall(half)
            selector.register(wire, selectors.EVENT_READ)
        for number in range(20):
            system.post(made.url, {"number": number})
        refused = 0
        deadline = time.monotonic() + 60
        while refused < SLOW_SENDERS and time.monotonic() < deadline:
            for key, _ in selector.select(timeout=1):
                wire = key.fileobj  # type: ignore[assignment]
                assert wire.recv(64).startswith(b"HTTP/1.1 408 ")
                selector.unregister(wire)
                refused += 1
    assert refused == SLOW_SENDERS
    system.post(made.url, {})


def test_one_connection_more_than_there_may_be_is_told_so(system: System) -> None:
    allow_open_files()
    with ExitStack() as stack:
        wires = [stack.enter_context(connect(system)) for _ in range(SLOW_SENDERS + 100)]
        last = stack.enter_context(connect(system))
        answer = read_all(last)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: " in answer
        assert len(wires) == SLOW_SENDERS + 100
