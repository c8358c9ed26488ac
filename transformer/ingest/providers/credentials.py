"""Credentials that are sent along: tokens, passwords, client certificates, addresses."""

import binascii
import hmac
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from transformer.ingest.providers.keys import KeyUnreadable
from transformer.ingest.providers.pack import Addresses, Basic, ClientCertificate, Token
from transformer.ingest.providers.place import Home, Place
from transformer.ingest.providers.request import Request
from transformer.ingest.providers.verdict import Reason, Refused, Verdict, Verified

_AUTHORIZATION = Place(Home.HEADER, "authorization")
_BASIC = "basic "


def verify(
    scheme: Token | Basic | ClientCertificate | Addresses,
    request: Request,
    secrets: Sequence[str],
) -> Verdict:
    """Say whether a request brings one of the secrets.

    Raises:
        KeyUnreadable: a secret that should be an address is none.
    """
    match scheme:
        case Token():
            return _token(scheme, request, secrets)
        case Basic():
            return _basic(request, secrets)
        case ClientCertificate(header=header):
            place = Place(Home.HEADER, header)
            value = request.header(header)
            if value is None:
                return _missing(str(place), "See that the proxy asks for a client certificate.")
            return _one_of([value], secrets, f"{place} names another certificate")
        case Addresses():
            return _address(scheme, request, secrets)


def find_secret(
    place: Place | None, request: Request, secrets: Sequence[str]
) -> int | Refused | None:
    """Say which secret stands at a place; None where there is no such place."""
    if place is None:
        return None
    value = place.value(request)
    if value is None:
        return _missing(str(place), "See that the sender is of this provider.")
    verdict = _one_of([value], secrets, f"{place} is another than this source is for")
    return verdict.secret if isinstance(verdict, Verified) else verdict


def networks_of(secrets: Sequence[str]) -> list[IPv4Network | IPv6Network]:
    """Read addresses and networks such as ``192.0.2.0/24``.

    Raises:
        KeyUnreadable: one is neither.
    """
    try:
        return [ip_network(secret.strip(), strict=False) for secret in secrets]
    except ValueError as error:
        raise KeyUnreadable("an IP address, or a network such as 192.0.2.0/24") from error


def same(one: str, other: str) -> bool:
    """Compare two texts in a time that tells nothing of where they differ."""
    return hmac.compare_digest(
        one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass")
    )


def _token(scheme: Token, request: Request, secrets: Sequence[str]) -> Verdict:
    for place in scheme.places:
        values = place.values(request)
        if not any(values):
            continue
        bare = [_without(scheme.prefix, value or "") for value in values]
        return _one_of(bare, secrets, f"{place} is another than this source's secret")
    places = " or ".join(map(str, scheme.places))
    written = f"{places}, as {scheme.prefix}…" if scheme.prefix else places
    return _missing(written, "Set it at the sender, and see that no proxy drops it.")


def _without(prefix: str, value: str) -> str:
    """Take the prefix off, whose case does not matter (RFC 7235); a value without it is no token."""
    if not prefix:
        return value
    return value[len(prefix) :] if value[: len(prefix)].lower() == prefix.lower() else ""


def _basic(request: Request, secrets: Sequence[str]) -> Verdict:
    value = request.header("authorization")
    if value is None:
        return _missing(
            "the header 'authorization', as Basic …",
            "Give the sender the URL with name and password: https://name:password@…",
        )
    given = ""
    if value[: len(_BASIC)].lower() == _BASIC:
        try:
            given = binascii.a2b_base64(value[len(_BASIC) :].strip().encode()).decode()
        except ValueError:
            given = ""
    return _one_of([given], secrets, "Name or password are others than this source's")


def _address(scheme: Addresses, request: Request, secrets: Sequence[str]) -> Verdict:
    networks = [*scheme.networks, *networks_of(secrets)]
    try:
        address = ip_address(request.address)
    except ValueError:
        return _missing("the sender's IP address", "Say which proxies are trusted.")
    mapped = getattr(address, "ipv4_mapped", None) or address
    if any(mapped in network for network in networks):
        return Verified()
    return Refused(
        Reason.ADDRESS_NOT_ALLOWED,
        f"The request came from {mapped}",
        "an address of the allow-list",
        "Compare the list with the one that the provider publishes.",
    )


def _one_of(values: Sequence[str], secrets: Sequence[str], found: str) -> Verified | Refused:
    for number, secret in enumerate(secrets):
        # All values, whatever the first says: the time must not tell which one differs.
        alike = [same(value, secret.strip()) for value in values]
        if all(alike):
            return Verified(secret=number)
    return Refused(
        Reason.CREDENTIAL_WRONG,
        found,
        "the secret",
        "Compare what stands at the sender with the source's secret.",
    )


def _missing(expected: str, hint: str) -> Refused:
    return Refused(
        Reason.CREDENTIAL_MISSING, "The request says nothing of who sent it", expected, hint
    )
