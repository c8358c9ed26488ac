"""What a sender may not do to web: heads without an end, and bodies that are too large."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.system import System, running_system


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(
        tmp_path_factory.mktemp("limits") / "data", max_body_bytes=10_000
    ) as running:
        yield running


def exchange(system: System, request: bytes) -> bytes:
    """Send bytes and read what comes until the connection is closed."""
    parts = urlsplit(system.instance.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as wire:
        answer = b""
        # It may be refused before all of it is sent, and closed with bytes of ours unread.
        with suppress(BrokenPipeError, ConnectionResetError):
            wire.sendall(request)
        with suppress(ConnectionResetError):
            while chunk := wire.recv(65_536):
                answer += chunk
        return answer


@pytest.mark.parametrize(
    "head",
    [
        b"X-A: v\r\n" * 300,
        b"".join(b"X-%d: v\r\n" % number for number in range(300)),
        b"X-Long: " + b"a" * 70_000 + b"\r\n",
    ],
    ids=["one name often", "many names", "one long value"],
)
def test_a_head_that_is_too_large_is_refused(system: System, head: bytes) -> None:
    request = b"POST /in/nonsense HTTP/1.1\r\nhost: x\r\n" + head + b"content-length: 2\r\n\r\n{}"
    assert exchange(system, request).startswith(b"HTTP/1.1 431 ")


def test_a_head_that_never_ends_is_refused(system: System) -> None:
    request = b"POST /in/nonsense HTTP/1.1\r\nhost: x\r\nx-long: " + b"a" * 2_000_000
    answer = exchange(system, request)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")


def test_web_answers_others_after_such_a_head(system: System) -> None:
    exchange(system, b"POST /in/x HTTP/1.1\r\n" + b"X-A: v\r\n" * 200_000 + b"\r\n")
    assert httpx.get(f"{system.instance.url}/healthz", timeout=2).is_success


def test_a_chunked_body_is_bounded_like_any_other(system: System) -> None:
    made = system.make("Chunks", "return;")

    def chunks() -> Iterator[bytes]:
        yield from [b"x" * 1_000] * 20

    try:
        answer = httpx.post(made.url, content=chunks(), timeout=10)
    except httpx.WriteError:
        return  # the connection was closed while we were sending
    assert answer.status_code == 413


def test_a_body_of_exactly_the_limit_is_accepted(system: System) -> None:
    made = system.make("Limit", "return;")
    body = b'"' + b"x" * 9_998 + b'"'
    assert httpx.post(made.url, content=body, timeout=10).status_code == 201
    assert httpx.post(made.url, content=body + b" ", timeout=10).status_code == 413


def test_a_text_in_a_codec_that_is_no_encoding_is_refused(system: System) -> None:
    made = system.make("Codecs", "return;")
    for codec in ("punycode", "utf-7", "unicode_escape", "undefined", "zip"):
        answer = httpx.post(
            made.url,
            content=b"+2AA-" * 100,
            headers={"content-type": f"text/plain; charset={codec}"},
            timeout=5,
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "body_unreadable")
