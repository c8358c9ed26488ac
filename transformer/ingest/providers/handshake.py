"""Requests that are no events: a provider asks whether we are there, and waits for its answer.

Nothing is ever fetched: where a provider wants a URL of the payload visited, a person decides
(:class:`PersonNeeded`). An answer that is a signature of what the request holds is given for what has
the form of a challenge only, so that nobody can have a webhook signed (see each pack's ``pattern``).
"""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import orjson

from transformer.ingest.providers.credentials import same
from transformer.ingest.providers.keys import encode, hmac_key, is_allowed_url
from transformer.ingest.providers.pack import Condition, Handshake, Hmac, Value
from transformer.ingest.providers.request import Request
from transformer.ingest.providers.verdict import (
    CertificateNeeded,
    Reason,
    Refused,
    Verified,
)
from transformer.ingest.providers.verify import CertificateSource, Verifier, no_certificate

_MOST_CHARACTERS = 2_000
_HEADER_VALUE = re.compile(r"[\x21-\x7e]{1,2000}")

# What is echoed must not be taken for a page.
_TEXT = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),
)
_JSON = ((b"content-type", b"application/json"),)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the request is answered; it makes no event.

    ``secret``: what the provider gave to verify its requests with from now on; the source's to keep.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    secret: str = ""


@dataclass(frozen=True, slots=True)
class PersonNeeded:
    """A person must follow a URL, or take a value to the provider: shown, never done by itself.

    The request is answered with 200 and nothing. ``is_url``: ``value`` is a URL at an allowed host.
    """

    value: str
    is_url: bool
    why: str


Greeting: TypeAlias = Answer | PersonNeeded | Refused | CertificateNeeded


def greet(
    verifier: Verifier,
    request: Request,
    *,
    now: datetime,
    agreed: Sequence[str] = (),
    certificate: CertificateSource = no_certificate,
) -> Greeting | None:
    """Answer a handshake; None: it is none, so it is an event or nothing.

    Args:
        verifier: of the source that the request came to.
        request: what arrived, of any method.
        now: an aware time.
        agreed: the words that a person agreed on with the provider (Meta's verify token).
        certificate: as :meth:`Verifier.verify` has it.
    """
    handshakes = verifier.pack.handshakes
    handshake = next((one for one in handshakes if _is_meant(one, request)), None)
    if handshake is None:
        return None
    for condition in handshake.when:
        if condition.is_agreed and not _is_agreed(condition, request, agreed):
            return _not_agreed(condition)
    secret = verifier.secrets[0] if verifier.secrets else ""
    if handshake.is_signed:
        verdict = verifier.verify(request, now=now, certificate=certificate)
        if not isinstance(verdict, Verified):
            return verdict
        secret = verifier.secrets[verdict.secret] if verifier.secrets else ""
    if handshake.confirm is not None:
        return _person_needed(handshake, request)
    return _answer(verifier, handshake, request, secret)


def _is_meant(handshake: Handshake, request: Request) -> bool:
    return request.method in handshake.methods and all(
        _holds(condition, request) for condition in handshake.when
    )


def _holds(condition: Condition, request: Request) -> bool:
    value = condition.place.value(request)
    if not value or len(value) > _MOST_CHARACTERS:
        return False
    if condition.pattern:
        return re.fullmatch(condition.pattern, value) is not None
    return not condition.text or value == condition.text


def _is_agreed(condition: Condition, request: Request, agreed: Sequence[str]) -> bool:
    value = condition.place.value(request) or ""
    alike = [same(value, word) for word in agreed if word]
    return any(alike)


def _not_agreed(condition: Condition) -> Refused:
    return Refused(
        Reason.CREDENTIAL_WRONG,
        f"{condition.place} is no word that this source knows",
        "the one agreed on with the provider",
        "Give the source the same word as the provider.",
    )


def _person_needed(handshake: Handshake, request: Request) -> PersonNeeded | Refused:
    place = handshake.confirm
    value = place.value(request) if place is not None else None
    if value is None or len(value) > _MOST_CHARACTERS:
        return Refused(
            Reason.SIGNED_VALUE_MISSING,
            "What a person should confirm is not there",
            str(place),
            "See that the sender is of this provider.",
        )
    if handshake.confirm_hosts and not is_allowed_url(value, handshake.confirm_hosts):
        return Refused(
            Reason.CERTIFICATE_UNTRUSTED,
            f"{place} leads to somewhere else",
            f"an https URL at {' or '.join(handshake.confirm_hosts)}",
            "Do not open it: the provider's own requests name its own hosts.",
        )
    return PersonNeeded(value, bool(handshake.confirm_hosts), handshake.why)


def _answer(
    verifier: Verifier, handshake: Handshake, request: Request, secret: str
) -> Answer | Refused:
    headers: list[tuple[bytes, bytes]] = []
    for name, value in handshake.headers:
        written = _written(value, verifier, request, secret)
        if isinstance(written, Refused):
            return written
        if not _HEADER_VALUE.fullmatch(written):
            return _unusable(value)
        headers.append((name.encode(), written.encode()))
    body = b""
    if handshake.json:
        document = {}
        for name, value in handshake.json:
            written = _written(value, verifier, request, secret)
            if isinstance(written, Refused):
                return written
            # Discord's {"type": 1} is a number; a text that is one is meant so.
            document[name] = (
                int(written) if value.place is None and written.isdecimal() else written
            )
        headers.extend(_JSON)
        body = orjson.dumps(document)
    elif handshake.text is not None:
        text = _written(handshake.text, verifier, request, secret)
        if isinstance(text, Refused):
            return text
        headers.extend(_TEXT)
        body = text.encode("utf-8", "replace")
    learnt = handshake.learn.value(request) if handshake.learn is not None else None
    return Answer(handshake.status, tuple(headers), body, secret=learnt or "")


def _written(value: Value, verifier: Verifier, request: Request, secret: str) -> str | Refused:
    text = value.text if value.place is None else value.place.value(request)
    if text is None or len(text) > _MOST_CHARACTERS:
        return _unusable(value)
    if not value.hmac:
        return value.prefix + text
    scheme = verifier.pack.scheme
    if not secret or not isinstance(scheme, Hmac):
        return Refused(
            Reason.NO_SECRET,
            "This source has no secret to answer with",
            verifier.pack.secret,
            "Give it to the source, then let the provider ask again.",
        )
    digest = hmac.digest(
        hmac_key(scheme, secret), text.encode("utf-8", "surrogatepass"), value.hmac
    )
    return value.prefix + encode(digest, value.encoding)


def _unusable(value: Value) -> Refused:
    return Refused(
        Reason.SIGNED_VALUE_MISSING,
        "What the provider wants back is not there, or cannot be sent back",
        str(value.place),
        "See that the sender is of this provider.",
    )
