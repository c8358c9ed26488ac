"""What goes over the wire, and what is refused before it does."""

import pytest

from transformer.cli.sender import Summary, prepare, read_target
from transformer.errors import UsageError


def test_a_url_is_taken_apart() -> None:
    target = read_target("https://user@hooks.example.com/in/abc?x=1")

    assert (target.host, target.port, target.secure) == ("hooks.example.com", 443, True)
    assert (target.path, target.authority) == ("/in/abc?x=1", "hooks.example.com")


@pytest.mark.parametrize("url", ["", "localhost:8000/in/x", "ftp://host/x", "http://host:port/"])
def test_what_is_no_http_url_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_target(url)

    assert "http://127.0.0.1:8000/in/TOKEN" in caught.value.hint


def test_a_path_with_a_space_is_refused() -> None:
    with pytest.raises(UsageError, match="must be encoded"):
        read_target("http://host/in/a b")


def test_a_request_is_whole_before_it_is_sent() -> None:
    target = read_target("http://127.0.0.1:8000/in/abc")

    head, _, body = prepare(target, b'{"a":1}', {"X-Kind": "paid"}).data.partition(b"\r\n\r\n")

    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /in/abc HTTP/1.1"
    assert set(lines[1:]) == {
        "user-agent: transformer",
        "content-type: application/json",
        "x-kind: paid",
        "host: 127.0.0.1:8000",
        "content-length: 7",
    }
    assert body == b'{"a":1}'


def test_a_given_content_type_replaces_the_default_whatever_its_capitals() -> None:
    target = read_target("http://127.0.0.1:8000/in/abc")

    data = prepare(target, b"hello", {"CONTENT-TYPE": "text/plain"}).data

    assert data.lower().count(b"content-type") == 1
    assert b"content-type: text/plain\r\n" in data


@pytest.mark.parametrize(
    ("name", "value"), [("X-A", "1\r\nX-B: 2"), ("X A", "1"), ("", "1"), ("X-A", "a\0b")]
)
def test_a_header_that_would_break_the_request_is_refused(name: str, value: str) -> None:
    with pytest.raises(UsageError, match="cannot be sent"):
        prepare(read_target("http://host/"), b"", {name: value})


def test_a_header_outside_latin_1_is_refused() -> None:
    with pytest.raises(UsageError, match="Latin-1"):
        prepare(read_target("http://host/"), b"", {"X-Name": "Łódź"})


def test_a_percentile_is_a_latency_that_was_measured() -> None:
    summary = Summary(
        sent=4,
        accepted=4,
        statuses={201: 4},
        failures={},
        seconds=2.0,
        latencies=[0.001, 0.002, 0.003, 0.1],
        gave_up=False,
    )

    assert [summary.latency_ms(share) for share in (0.5, 0.9, 1.0)] == [2.0, 100.0, 100.0]
    assert summary.per_second == 2.0
