"""What a request says of its signature: where it stands, how it is written, what it is over."""

from typing import Any

from transformer.ingest.providers.keys import decode
from transformer.ingest.providers.pack import Hmac, PublicKey, SignatureForm, Timestamp
from transformer.ingest.providers.place import Home, as_text, find
from transformer.ingest.providers.request import Request
from transformer.ingest.providers.signed import Given, Lacking, Signed
from transformer.ingest.providers.times import seconds_of
from transformer.ingest.providers.verdict import Reason, Refused

_MOST_SIGNATURES = 16


class Claim:
    """What a request says of its signature."""

    __slots__ = ("given", "sent_at", "signatures")

    def __init__(self, given: Given, signatures: list[bytes], sent_at: float | None) -> None:
        self.given = given
        self.signatures = signatures
        self.sent_at = sent_at

    def signed(self, signed: Signed, secret: str) -> bytes | Lacking:
        """Put together what the signature is over, if this is the secret."""
        if signed.names_secret:
            self.given.secret = secret
        return signed.build(self.given)


def read_claim(scheme: Hmac | PublicKey, request: Request, item: Any) -> Claim | Refused:
    """Read it; what is missing or cannot be read is a refusal.

    Args:
        scheme: how the provider signs.
        request: what arrived.
        item: the element of the payload whose signature it is; None: the request's.
    """
    text = _signature_text(scheme.signature, request, item)
    if text is None:
        return signature_missing(scheme.signature)
    parts = _parts(scheme.signature, text)
    signatures = _signatures(scheme.signature, parts)
    if not signatures:
        return _malformed(scheme.signature)
    timestamp, sent_at = "", None
    if scheme.timestamp is not None:
        found = _timestamp_text(scheme.timestamp, request, parts)
        if found is None:
            return _timestamp_missing(scheme.timestamp)
        timestamp = found
        sent_at = seconds_of(timestamp, scheme.timestamp.unit)
        if sent_at is None:
            return _timestamp_malformed(scheme.timestamp)
    identity = ""
    if scheme.id is not None:
        value = scheme.id.value(request)
        if value is None:
            return value_missing(Lacking(str(scheme.id)))
        identity = value
    given = Given(request, timestamp=timestamp, id=identity, item=item)
    return Claim(given, signatures, sent_at)


def _signature_text(form: SignatureForm, request: Request, item: Any) -> str | None:
    for place in form.places:
        if item is not None and place.home is Home.PATH:
            value = as_text(next(find(item, place.name), None))
        else:
            value = place.value(request)
        if value:
            return value
    return None


def _parts(form: SignatureForm, text: str) -> list[str]:
    if not form.separator:
        return [text]
    return [part.strip() for part in text.split(form.separator)]


def _signatures(form: SignatureForm, parts: list[str]) -> list[bytes]:
    found = []
    for part in parts[:_MOST_SIGNATURES]:
        if not part.startswith(form.prefix):
            continue
        text = part.removeprefix(form.prefix)
        if form.after:
            text = text.rpartition(form.after)[2]
        signature = decode(text, form.encoding)
        if signature:
            found.append(signature)
    return found


def _timestamp_text(timestamp: Timestamp, request: Request, parts: list[str]) -> str | None:
    if timestamp.place is not None:
        return timestamp.place.value(request)
    for part in parts:
        if part.startswith(timestamp.part):
            return part.removeprefix(timestamp.part)
    return None


def signature_missing(form: SignatureForm) -> Refused:
    """Say that there is no signature at all."""
    return Refused(
        Reason.SIGNATURE_MISSING,
        "The request has no signature",
        " or ".join(map(str, form.places)),
        "Set a secret at the sender, and see that no proxy drops the header.",
    )


def _malformed(form: SignatureForm) -> Refused:
    written = f"{form.prefix}…, in {form.encoding.value}" if form.prefix else form.encoding.value
    return Refused(
        Reason.SIGNATURE_MALFORMED,
        "The signature cannot be read",
        written,
        "See that the sender is of this provider, and that no proxy changes the header.",
    )


def _timestamp_missing(timestamp: Timestamp) -> Refused:
    where = str(timestamp.place) if timestamp.place else f"{timestamp.part!r} beside the signature"
    return Refused(
        Reason.TIMESTAMP_MISSING,
        "The request does not say when it was signed",
        where,
        "See that no proxy drops or changes the header.",
    )


def _timestamp_malformed(timestamp: Timestamp) -> Refused:
    return Refused(
        Reason.TIMESTAMP_MALFORMED,
        "The time of signing cannot be read",
        "an ISO 8601 time" if timestamp.unit == "iso" else f"a number of {timestamp.unit.value}",
        "See that the sender is of this provider.",
    )


def value_missing(lacking: Lacking) -> Refused:
    """Say that something that is signed is not there."""
    return Refused(
        Reason.SIGNED_VALUE_MISSING,
        "What the signature is over is not all there",
        lacking.what,
        "See that the sender is of this provider, and that no proxy changes the request.",
    )
