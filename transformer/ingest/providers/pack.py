"""What a pack says: data only, as ``reader.py`` reads it from a pack's file.

Verification is a closed union of schemes, interpreted in ``verify.py``; no provider has code.
"""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import TypeAlias

from transformer.ingest.providers.place import Place
from transformer.ingest.providers.signed import Signed


class Encoding(StrEnum):
    """How bytes are written in a signature or in a secret."""

    HEX = "hex"
    BASE64 = "base64"
    BASE64URL = "base64url"


class KeyForm(StrEnum):
    """How a secret becomes the key of an HMAC."""

    TEXT = "text"
    HEX = "hex"
    BASE64 = "base64"
    SHA1 = "sha1"


class Unit(StrEnum):
    """How a time is written."""

    SECONDS = "s"
    MILLISECONDS = "ms"
    ISO = "iso"


class Algorithm(StrEnum):
    """Signatures that a public key checks."""

    RSA_SHA1 = "rsa-sha1"
    RSA_SHA256 = "rsa-sha256"
    ECDSA_SHA256 = "ecdsa-sha256"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class SignatureForm:
    """Where signatures stand and how they are written.

    A value may hold several, parted by ``separator``; only those that begin with ``prefix`` count, and
    what stands behind ``after`` is the signature.
    """

    places: tuple[Place, ...]
    encoding: Encoding
    separator: str = ""
    prefix: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Timestamp:
    """Where the time stands at which the request was signed, and how old it may be.

    ``part``: it is the part of the signature's value that begins so; empty is the first part.
    """

    place: Place | None
    part: str
    unit: Unit
    tolerance_s: int


@dataclass(frozen=True, slots=True)
class Hmac:
    """The sender and we share a secret, and it signs with that."""

    hash: str
    signature: SignatureForm
    signed: Signed
    key: KeyForm = KeyForm.TEXT
    key_prefix: str = ""
    id: Place | None = None
    timestamp: Timestamp | None = None
    each: str = ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Where a certificate is found: a URL in the request, whose host must be of those that are allowed."""

    place: Place
    hosts: tuple[str, ...]
    suffix: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The sender signs with its private key.

    The secret is its public one; where ``certificate`` says whose key it is, the secret is what ``claim``
    must be, or part of what is signed. ``algorithms``: by what stands at ``choice``; without one, the first.
    """

    algorithms: tuple[tuple[str, Algorithm], ...]
    signature: SignatureForm
    signed: Signed
    choice: Place | None = None
    id: Place | None = None
    timestamp: Timestamp | None = None
    certificate: Certificate | None = None
    claim: Place | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """The sender sends the secret along."""

    places: tuple[Place, ...]
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Basic:
    """The sender sends the secret, ``name:password``, as RFC 7617 has it."""


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A proxy before us checked a client certificate, and says whose in a header that it alone sets."""

    header: str


@dataclass(frozen=True, slots=True)
class Addresses:
    """The sender has one of these addresses, or one of those that stand as secrets."""

    networks: tuple[IPv4Network | IPv6Network, ...]


Scheme: TypeAlias = Hmac | PublicKey | Token | Basic | ClientCertificate | Addresses


@dataclass(frozen=True, slots=True)
class Signs:
    """By what a provider's requests are told from others."""

    headers: tuple[str, ...] = ()
    values: tuple[tuple[Place, str], ...] = ()
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventTime:
    """Where the time of the event itself stands."""

    place: Place
    unit: Unit


@dataclass(frozen=True, slots=True)
class Value:
    """A value of an answer: what stands at a place, or a text; perhaps its HMAC under the secret."""

    place: Place | None = None
    text: str = ""
    hmac: str = ""
    encoding: Encoding = Encoding.HEX
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """A value that must stand at a place.

    ``text``: it is this; ``pattern``: it is of this form; ``is_agreed``: it is a word that a person agreed
    on with the provider. Where none is given, any will do.
    """

    place: Place
    text: str = ""
    pattern: str = ""
    is_agreed: bool = False


@dataclass(frozen=True, slots=True)
class Handshake:
    """A request that is no event: the provider asks whether we are there, and how it is answered.

    ``is_signed``: it is verified before it is answered. ``confirm``: only a person may follow the URL, or
    use the value, that stands there; ``why`` tells that person. ``learn``: the secret that it hands over.
    """

    methods: tuple[str, ...]
    when: tuple[Condition, ...]
    is_signed: bool = False
    status: int = 200
    text: Value | None = None
    json: tuple[tuple[str, Value], ...] = ()
    headers: tuple[tuple[str, Value], ...] = ()
    learn: Place | None = None
    confirm: Place | None = None
    confirm_hosts: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """One provider.

    ``secret`` says to a person what to paste, and where it is found; ``answer`` is the text that the provider
    wants for each webhook that is held, empty where any will do.
    """

    name: str
    title: str
    docs: str
    secret: str
    scheme: Scheme
    signs: Signs = Signs()
    event_type: tuple[Place, ...] = ()
    event_id: tuple[Place, ...] = ()
    event_time: tuple[EventTime, ...] = ()
    handshakes: tuple[Handshake, ...] = ()
    answer: str = ""
    note: str = ""
