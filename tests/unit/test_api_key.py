"""What a key says of itself: its text, its secret, and from where it may be used."""

from datetime import UTC, datetime

import pytest

from transformer.api_key import (
    ApiKey,
    hash_of,
    key_text,
    new_secret,
    read_key_text,
    read_networks,
)
from transformer.ids import new_key_id, new_workspace_id


def _key(*allowed: str, secret: str = "") -> ApiKey:
    return ApiKey(
        id=new_key_id(),
        workspace_id=new_workspace_id(),
        name="test",
        permissions=frozenset(),
        networks=read_networks(allowed),
        secret_hash=hash_of(secret),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_the_text_of_a_key_is_read_as_it_was_written() -> None:
    key_id, secret = new_key_id(), new_secret()
    assert read_key_text(key_text(key_id, secret)) == (key_id, secret)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "key",
        "key_.x",
        "src_" + "0" * 32 + ".x",
        "key_" + "0" * 32,
        "key_" + "0" * 32 + ".",
    ],
)
def test_what_has_not_the_form_of_a_key_is_none(text: str) -> None:
    assert read_key_text(text) is None
    assert read_key_text(text + "x" * 200) is None


def test_a_secret_has_256_bits_and_opens_its_own_key_alone() -> None:
    secret, other = new_secret(), new_secret()
    assert len(secret) == 43  # six bits a character
    key = _key(secret=secret)
    assert key.opens_with(secret)
    assert not key.opens_with(other)
    assert not key.opens_with("")
    assert not key.opens_with(key.secret_hash)


@pytest.mark.parametrize(
    ("allowed", "address", "is_allowed"),
    [
        pytest.param([], "192.0.2.7", True, id="everywhere"),
        pytest.param([], None, True, id="everywhere, from nobody knows where"),
        pytest.param(["192.0.2.7"], "192.0.2.7", True, id="an address"),
        pytest.param(["192.0.2.7"], "192.0.2.8", False, id="another address"),
        pytest.param(["192.0.2.0/24"], "192.0.2.255", True, id="a subnet"),
        pytest.param(["10.0.0.0/8", "192.0.2.0/24"], "192.0.3.1", False, id="beside the subnets"),
        pytest.param(["2001:db8::/32"], "2001:db8::1", True, id="a subnet of IPv6"),
        pytest.param(["192.0.2.7"], "::ffff:192.0.2.7", True, id="IPv4 on a socket for both"),
        pytest.param(["192.0.2.7"], None, False, id="nobody knows where"),
        pytest.param(["192.0.2.7"], "unix:", False, id="no address"),
    ],
)
def test_a_key_is_used_from_where_it_may_be(
    allowed: list[str], address: str | None, is_allowed: bool
) -> None:
    assert _key(*allowed).allows_from(address) is is_allowed


@pytest.mark.parametrize("text", ["", "localhost", "192.0.2", "192.0.2.1/24", "192.0.2.0/33"])
def test_what_is_no_address_and_no_subnet_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"network|host bits"):
        read_networks([text])
