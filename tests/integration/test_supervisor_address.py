"""Where web listens, and what is said when it cannot."""

import socket
from contextlib import closing

import pytest

from transformer.errors import UsageError
from transformer.supervisor.address import ask_ready, choose_port, url_of


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),  # noqa: S104  # compared, not bound
        ("::", "http://[::1]:80"),
        ("::1", "http://[::1]:80"),
        ("localhost", "http://localhost:80"),
    ],
)
def test_a_url_leads_to_web_from_this_machine(host: str, url: str) -> None:
    assert url_of(host, 80) == url


def test_port_0_takes_any_free_one() -> None:
    port = choose_port("127.0.0.1", 0, given=True)

    with closing(socket.create_server(("127.0.0.1", port))) as listener:
        assert listener.getsockname()[1] == port


def test_a_port_that_somebody_else_has_on_all_addresses_is_busy() -> None:
    with closing(socket.create_server(("", 0))) as listener:
        port = listener.getsockname()[1]

        with pytest.raises(UsageError, match=f"Port {port} on 127.0.0.1 is in use"):
            choose_port("127.0.0.1", port, given=True)


@pytest.mark.parametrize("host", ["203.0.113.1", "no-such-host.invalid"])
def test_an_address_that_is_not_of_this_machine_is_refused(host: str) -> None:
    with pytest.raises(UsageError, match=f"Nothing can listen on {host}:0") as caught:
        choose_port(host, 0, given=True)

    assert "--host" in caught.value.hint


def test_a_web_that_is_not_there_is_not_ready() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]

    assert "refused" in ask_ready(f"http://127.0.0.1:{port}")
