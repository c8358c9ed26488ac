"""Where a forward may send to: one row a rule, the row's name the rule."""

import asyncio

import pytest

from transformer.errors import InvalidRequest
from transformer.forward.address import NotAllowed, Reach, check_base_url, resolve

ALLOWED: list[tuple[str, str, Reach, str]] = [
    ("https to a name", "https://rest.iad-01.braze.com", "public", "https://rest.iad-01.braze.com"),
    ("a slash at the end goes", "https://a.example/", "public", "https://a.example"),
    ("a path stays", "https://a.example:8443/v1/", "public", "https://a.example:8443/v1"),
    ("http where any is allowed", "http://10.0.0.1:8000", "any", "http://10.0.0.1:8000"),
    ("a public IPv6 address", "https://[2606:4700::1111]", "public", "https://[2606:4700::1111]"),
]


@pytest.mark.parametrize(("_rule", "text", "reach", "kept"), ALLOWED, ids=[r[0] for r in ALLOWED])
def test_an_address_is_taken(_rule: str, text: str, reach: Reach, kept: str) -> None:
    assert check_base_url(text, reach=reach) == kept


REFUSED: list[tuple[str, str, Reach]] = [
    ("http", "http://a.example", "public"),
    ("another scheme", "file:///etc/passwd", "any"),
    ("no host", "https://", "any"),
    ("no URL", "rest.iad-01.braze.com", "any"),
    ("a port that is none", "https://a.example:99999", "any"),
    ("a user and password", "https://me:secret@a.example", "any"),
    ("a query", "https://a.example?x=1", "any"),
    ("letters beyond ASCII", "https://exämple.com", "any"),
    ("localhost", "https://localhost", "public"),
    ("loopback", "https://127.0.0.1", "public"),
    ("a private network", "https://10.1.2.3", "public"),
    ("the metadata of a cloud", "https://169.254.169.254", "public"),
    ("loopback in IPv6", "https://[::1]", "public"),
    ("loopback in IPv6's clothes", "https://[::ffff:127.0.0.1]", "public"),
    ("a private network in 6to4", "https://[2002:0a01:0203::1]", "public"),
]


@pytest.mark.parametrize(("_rule", "text", "reach"), REFUSED, ids=[row[0] for row in REFUSED])
def test_an_address_is_refused(_rule: str, text: str, reach: Reach) -> None:
    with pytest.raises(InvalidRequest) as refused:
        check_base_url(text, reach=reach)
    assert refused.value.pointer == "/base_url"


# A resolver reads these as 127.0.0.1 though they do not look like it.
@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "0.0.0.0"])  # noqa: S104 - to be refused
def test_what_a_name_resolves_to_is_looked_at(host: str) -> None:
    with pytest.raises(NotAllowed):
        asyncio.run(resolve(host, None, "https", reach="public"))


def test_any_address_may_be_reached_where_a_setting_says_so() -> None:
    assert asyncio.run(resolve("127.0.0.1", 80, "http", reach="any")) == "127.0.0.1"


def test_a_name_that_is_not_there_is_told() -> None:
    with pytest.raises(NotAllowed, match="has no address"):
        asyncio.run(resolve("not-there.invalid", 443, "https", reach="any"))
