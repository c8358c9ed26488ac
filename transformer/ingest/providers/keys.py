"""Secrets and signatures become bytes and keys here; public keys check signatures.

``cryptography`` is imported when the first public key is needed: most sources have none, and it
weighs 10 MB a process.
"""

import binascii
import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha1
from typing import Any
from urllib.parse import urlsplit

from transformer.ingest.providers.pack import Algorithm, Certificate, Encoding, Hmac, KeyForm

_ED25519_BYTES = 32
_URL_CHARACTERS = re.compile(r"[\x21-\x5b\x5d-\x7e]{1,2000}")
_HTTPS_PORT = 443


class KeyUnreadable(ValueError):
    """A secret, key or certificate is not of the form that its scheme needs; the message says which."""


def decode(text: str, encoding: Encoding) -> bytes | None:
    """Read a signature; None where it is not of its encoding."""
    try:
        raw = text.encode("ascii")
        match encoding:
            case Encoding.HEX:
                return binascii.unhexlify(raw)
            case Encoding.BASE64:
                return binascii.a2b_base64(raw, strict_mode=True)
            case Encoding.BASE64URL:
                padded = raw.replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
                padded += b"=" * (-len(padded) % 4)
                return binascii.a2b_base64(padded, strict_mode=True)
    except ValueError:
        return None


def encode(raw: bytes, encoding: Encoding) -> str:
    """Write bytes as an answer or a signature has them."""
    match encoding:
        case Encoding.HEX:
            return raw.hex()
        case Encoding.BASE64:
            return binascii.b2a_base64(raw, newline=False).decode()
        case Encoding.BASE64URL:
            text = binascii.b2a_base64(raw, newline=False).decode()
            return text.replace("+", "-").replace("/", "_").rstrip("=")


def hmac_key(scheme: Hmac, secret: str) -> bytes:
    """Make the key of an HMAC from a secret.

    Raises:
        KeyUnreadable: the secret is not in the encoding that this provider's secrets have.
    """
    text = secret.strip().removeprefix(scheme.key_prefix)
    match scheme.key:
        case KeyForm.TEXT:
            key: bytes | None = text.encode("utf-8", "surrogatepass")
        case KeyForm.SHA1:
            key = sha1(text.encode("utf-8", "surrogatepass")).digest()  # noqa: S324 - the vendor's rule
        case KeyForm.HEX:
            key = decode(text, Encoding.HEX)
        case KeyForm.BASE64:
            key = decode(text, Encoding.BASE64)
    if not key:
        raise KeyUnreadable(f"a secret in {scheme.key.value}")
    return key


def public_key(secret: str) -> Any:
    """Read a public key: PEM, its DER in base64, or the 32 bytes of an Ed25519 key in hex.

    Raises:
        KeyUnreadable: it is none of these.
    """
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PublicKey,
    )
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        load_der_public_key,
        load_pem_public_key,
    )

    text = secret.strip()
    try:
        if text.startswith("-----BEGIN"):
            return load_pem_public_key(text.encode())
        raw = decode(text, Encoding.HEX)
        if raw is not None and len(raw) == _ED25519_BYTES:
            return Ed25519PublicKey.from_public_bytes(raw)
        return load_der_public_key(decode("".join(text.split()), Encoding.BASE64) or b"")
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnreadable(
            "a public key: PEM, its DER in base64, or 64 hexadecimal digits"
        ) from error


def certificate_key(pem: bytes, *, subject: str, now: datetime) -> Any:
    """Give the public key of a certificate that is in force.

    Args:
        pem: the certificate, perhaps followed by its chain; it came from an allowed host over TLS,
            which is what vouches for it.
        subject: the common name that it must have; empty: any.
        now: when it must be in force.

    Raises:
        KeyUnreadable: it is none, or none to be trusted now; says why.
    """
    found = _certificate(pem)
    if not found.not_valid_before_utc <= now <= found.not_valid_after_utc:
        raise KeyUnreadable(
            f"a certificate that is in force; this one is from {found.not_valid_before_utc:%Y-%m-%d} "
            f"to {found.not_valid_after_utc:%Y-%m-%d}"
        )
    if subject and subject not in _names_of(found):
        raise KeyUnreadable(f"a certificate of {subject}")
    return found.public_key()


def is_signed_by(key: Any, signature: bytes, signed: bytes, algorithm: Algorithm) -> bool:
    """Say whether a public key's owner made a signature; a key of another kind made none."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import (  # noqa: PLC0415
        ec,
        ed25519,
        padding,
        rsa,
    )

    try:
        match algorithm:
            case Algorithm.ED25519 if isinstance(key, ed25519.Ed25519PublicKey):
                key.verify(signature, signed)
            case Algorithm.ECDSA_SHA256 if isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
            case Algorithm.RSA_SHA256 if isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
            case Algorithm.RSA_SHA1 if isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
            case _:
                return False
    except InvalidSignature:
        return False
    return True


def is_allowed_url(url: str, hosts: Sequence[str], *, suffix: str = "") -> bool:
    """Say whether a URL of a request may be asked: https at one of these hosts, and nothing odd in it.

    Args:
        url: what the request names.
        hosts: names; ``*`` stands for one label's letters, digits and hyphens.
        suffix: how its path must end.
    """
    if not _URL_CHARACTERS.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme == "https"
        and "@" not in parts.netloc
        and port in (None, _HTTPS_PORT)
        and not parts.fragment
        and parts.path.endswith(suffix)
        and any(_host_pattern(host).fullmatch(parts.hostname or "") for host in hosts)
    )


def is_certificate_url(url: str, certificate: Certificate) -> bool:
    """Say whether a certificate may be fetched from a URL: an allowed one, and without a query."""
    return "?" not in url and is_allowed_url(url, certificate.hosts, suffix=certificate.suffix)


@lru_cache(maxsize=256)
def _host_pattern(host: str) -> re.Pattern[str]:
    return re.compile("[a-z0-9-]+".join(map(re.escape, host.split("*"))))


@lru_cache(maxsize=64)
def _certificate(pem: bytes) -> Any:
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415 - see above

    try:
        return load_pem_x509_certificate(pem)
    except ValueError as error:
        raise KeyUnreadable("a certificate in PEM") from error


def _names_of(certificate: Any) -> list[str]:
    from cryptography.x509.oid import NameOID  # noqa: PLC0415 - see above

    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return [str(name.value) for name in found]
