"""Keys of the sender's side, made once for the tests."""

import base64
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from tests.providers.sent import Secret

BEGIN, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2044, 1, 1, tzinfo=UTC)
_PEM = serialization.Encoding.PEM
_SPKI = serialization.PublicFormat.SubjectPublicKeyInfo


def text(number: int) -> Secret:
    written = f"a secret of the tests, number {number}"
    return Secret(written, written)


def password(number: int) -> Secret:
    written = f"ana:täapot-{number}"
    return Secret(written, written)


def base64ed(prefix: str) -> "list[Secret]":
    keys = [sha256(f"{prefix}{number}".encode()).digest()[:24] for number in range(2)]
    return [Secret(prefix + base64.b64encode(key).decode(), key) for key in keys]


def whsec(number: int) -> Secret:
    return base64ed("whsec_")[number]


def plain_base64(number: int) -> Secret:
    return base64ed("")[number]


def hexadecimal(number: int) -> Secret:
    key = sha256(f"adyen{number}".encode()).digest()
    return Secret(key.hex().upper(), key)


@cache
def elliptic(number: int) -> Secret:
    key = ec.derive_private_key(1_000_003 + number, ec.SECP256R1())
    der = key.public_key().public_bytes(serialization.Encoding.DER, _SPKI)
    return Secret(base64.b64encode(der).decode(), key)


@cache
def edwards(number: int) -> Secret:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(sha256(bytes([number])).digest())
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return Secret(raw.hex(), key)


@cache
def rsa_key(number: int) -> rsa.RSAPrivateKey:
    assert number >= 0
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


@cache
def rsa_pem(number: int) -> Secret:
    key = rsa_key(number)
    return Secret(key.public_key().public_bytes(_PEM, _SPKI).decode(), key)


def webhook_id(number: int) -> Secret:
    """PayPal: the secret is the webhook's id, the key is PayPal's."""
    written = f"8PT597110X687430LKGECATA{number}"
    return Secret(written, written)


def arn(number: int) -> Secret:
    """SNS: the secret is the topic's ARN, the key is Amazon's."""
    written = f"arn:aws:sns:eu-west-3:12345678901{number}:teapots"
    return Secret(written, written)


@cache
def certificate(subject: str = "sns.amazonaws.com") -> bytes:
    """Make the certificate of the first RSA key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(rsa_key(0).public_key())
        .serial_number(7)
        .not_valid_before(BEGIN)
        .not_valid_after(END)
        .sign(rsa_key(0), hashes.SHA256())
    )
    return built.public_bytes(_PEM)
