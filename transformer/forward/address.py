"""Where a forward may send to: what is written in its address, and what its name resolves to.

Whoever may configure a forward chooses the address, and so could reach what only this machine can:
a cloud's metadata, a database without a password. So by default only https to public addresses is
spoken. Names are resolved here, once a connection, and the connection goes to the very address that was
looked at; a name that points elsewhere a moment later gains nothing.
"""

import asyncio
import ipaddress
import socket
from typing import Literal, TypeAlias
from urllib.parse import SplitResult, urlsplit

from transformer.errors import InvalidRequest

Reach: TypeAlias = Literal["public", "any"]

_PORTS = {"https": 443, "http": 80}
_MAX_URL = 2_000


class NotAllowed(Exception):
    """The name resolves to an address that may not be reached, or to none."""


def check_base_url(text: str, *, reach: Reach) -> str:
    """Give the address of an API in the form in which it is kept, without a slash at its end.

    Raises:
        InvalidRequest: it is no such address, or one that may not be reached.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise _refused(text, "it is no URL") from None
    if parts.scheme not in _PORTS or not parts.hostname or len(text) > _MAX_URL:
        raise _refused(text, "a URL such as https://rest.iad-01.braze.com was expected")
    if parts.scheme == "http" and reach == "public":
        raise _refused(text, "https was expected", hint=_REACH_HINT)
    if parts.username is not None or parts.password is not None:
        raise _refused(text, "a user and password have no place in it")
    if parts.query or parts.fragment:
        raise _refused(text, "neither ? nor # was expected")
    if port == 0 or not parts.netloc.isascii() or not parts.path.isascii():
        raise _refused(text, "it is no URL that can be called")
    if reach == "public" and _is_private_literal(parts):
        raise _refused(text, "it is no public address", hint=_REACH_HINT)
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


async def resolve(host: str, port: int | None, scheme: str, *, reach: Reach) -> str:
    """Give an address of a host that may be reached.

    Raises:
        NotAllowed: there is none.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port or _PORTS[scheme], type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotAllowed(f"{host} has no address: {error.strerror or error}") from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if reach == "any" or _is_public(address):
            return address
    raise NotAllowed(f"{host} is {addresses[0]}, which is no public address")


_REACH_HINT = "TRANSFORMER_FORWARD_TO=any allows http and private networks."


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        # An IPv4 address in the clothes of an IPv6 one is judged as what it is.
        ip = ip.ipv4_mapped or ip.sixtofour or ip
    return ip.is_global and not ip.is_multicast


def _is_private_literal(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return not _is_public(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _refused(text: str, why: str, *, hint: str = "") -> InvalidRequest:
    return InvalidRequest(
        f"The base_url {text[:100]!r} cannot be used: {why}.", hint=hint, pointer="/base_url"
    )
