"""Is a request authentic? One engine for every pack.

A verifier is made once for a source, from its pack and its active secrets, and asked for each request.
Secrets are compared in constant time, and a signature's age is looked at after the signature, so
that a stranger learns nothing from the reason.
"""

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from transformer.ingest.providers import credentials
from transformer.ingest.providers.claim import (
    Claim,
    read_claim,
    signature_missing,
    value_missing,
)
from transformer.ingest.providers.keys import (
    KeyUnreadable,
    certificate_key,
    hmac_key,
    is_certificate_url,
    is_signed_by,
    public_key,
)
from transformer.ingest.providers.pack import (
    Addresses,
    Algorithm,
    Basic,
    Certificate,
    ClientCertificate,
    Hmac,
    Pack,
    PublicKey,
    Timestamp,
    Token,
)
from transformer.ingest.providers.place import find
from transformer.ingest.providers.request import Request
from transformer.ingest.providers.signed import Lacking
from transformer.ingest.providers.verdict import (
    CertificateNeeded,
    Reason,
    Refused,
    Verdict,
    Verified,
)

CertificateSource: TypeAlias = Callable[[str], bytes | None]
"""Gives the certificate at a URL, where it is at hand."""


def no_certificate(_url: str) -> bytes | None:
    """Have no certificate at hand."""
    return None


class Verifier:
    """Verifies requests of one source; holds no state but what it makes of the secrets.

    Args:
        pack: whose requests they are.
        secrets: the active ones, the newest first: while one is rotated there are two.
    """

    def __init__(self, pack: Pack, secrets: Sequence[str]) -> None:
        self.pack = pack
        # An empty secret would fit a request that brings none.
        self.secrets = tuple(secret for secret in secrets if secret.strip())
        self._hmac_keys: tuple[hmac.HMAC, ...] | None = None
        self._public_keys: tuple[Any, ...] | None = None

    def verify(
        self,
        request: Request,
        *,
        now: datetime,
        certificate: CertificateSource = no_certificate,
    ) -> Verdict:
        """Say whether a request is from who knows the secret.

        Args:
            request: what arrived.
            now: an aware time; signatures are not believed for ever.
            certificate: gives what was fetched before. Its None becomes :class:`CertificateNeeded`; only
                URLs at hosts that the pack allows are asked for.
        """
        scheme = self.pack.scheme
        if not self.secrets and not (isinstance(scheme, Addresses) and scheme.networks):
            return Refused(
                Reason.NO_SECRET,
                "This source has no secret",
                self.pack.secret,
                "Give it to the source.",
            )
        try:
            match scheme:
                case Hmac():
                    return self._hmac(scheme, request, now)
                case PublicKey():
                    return self._public_key(scheme, request, now, certificate)
                case Token() | Basic() | ClientCertificate() | Addresses():
                    return credentials.verify(scheme, request, self.secrets)
        except KeyUnreadable as error:
            return Refused(
                Reason.SECRET_UNREADABLE,
                "The secret of this source cannot be used",
                str(error),
                f"Give it again: {self.pack.secret}",
            )

    def check_secrets(self) -> str:
        """Say what is wrong with the form of a secret, before a webhook does; empty: nothing."""
        try:
            match self.pack.scheme:
                case Hmac() as scheme:
                    self._keys_of(scheme)
                case PublicKey(certificate=None):
                    self._keys()
                case Addresses():
                    credentials.networks_of(self.secrets)
                case _:
                    pass
        except KeyUnreadable as error:
            return f"{error} was expected"
        return ""

    def _hmac(self, scheme: Hmac, request: Request, now: datetime) -> Verdict:
        keys = self._keys_of(scheme)
        verdict: Verdict | None = None
        for item in find(request.payload, scheme.each) if scheme.each else (None,):
            claim = read_claim(scheme, request, item)
            if isinstance(claim, Refused):
                return claim
            verdict = self._hmac_one(scheme, claim, keys, now)
            if not isinstance(verdict, Verified):
                return verdict
        return verdict or signature_missing(scheme.signature)

    def _hmac_one(
        self, scheme: Hmac, claim: Claim, keys: Sequence[hmac.HMAC], now: datetime
    ) -> Verdict:
        for number, key in enumerate(keys):
            signed = claim.signed(scheme.signed, self.secrets[number])
            if isinstance(signed, Lacking):
                return value_missing(signed)
            keyed = key.copy()
            keyed.update(signed)
            digest = keyed.digest()
            for signature in claim.signatures:
                if hmac.compare_digest(digest, signature):
                    return _fresh(scheme.timestamp, claim, now, secret=number)
        return _wrong(self.pack)

    def _public_key(
        self, scheme: PublicKey, request: Request, now: datetime, source: CertificateSource
    ) -> Verdict:
        claim = read_claim(scheme, request, None)
        if isinstance(claim, Refused):
            return claim
        algorithm = _algorithm(scheme, request)
        if isinstance(algorithm, Refused):
            return algorithm
        named = credentials.find_secret(scheme.claim, request, self.secrets)
        if isinstance(named, Refused):
            return named
        keys = self._public_keys_for(scheme, request, now, source)
        if not isinstance(keys, tuple):
            return keys
        verdict = self._find_key(scheme, claim, keys, algorithm)
        if not isinstance(verdict, Verified):
            return verdict
        return _fresh(scheme.timestamp, claim, now, secret=named or verdict.secret)

    def _public_keys_for(
        self, scheme: PublicKey, request: Request, now: datetime, source: CertificateSource
    ) -> tuple[Any, ...] | Refused | CertificateNeeded:
        if scheme.certificate is None:
            return self._keys()
        key = _certificate_key(scheme.certificate, request, now, source)
        if isinstance(key, Refused | CertificateNeeded):
            return key
        # Where the secret is part of what is signed, each is tried with the one key.
        return (key,) * (len(self.secrets) if scheme.signed.names_secret else 1)

    def _find_key(
        self, scheme: PublicKey, claim: Claim, keys: tuple[Any, ...], algorithm: Algorithm
    ) -> Verified | Refused:
        for number, key in enumerate(keys):
            signed = claim.signed(scheme.signed, self.secrets[number])
            if isinstance(signed, Lacking):
                return value_missing(signed)
            if any(is_signed_by(key, one, signed, algorithm) for one in claim.signatures):
                return Verified(secret=number)
        return _wrong(self.pack)

    def _keys_of(self, scheme: Hmac) -> tuple[hmac.HMAC, ...]:
        if self._hmac_keys is None:
            # Keyed once: copying one is faster than keying it for each webhook.
            self._hmac_keys = tuple(
                hmac.new(hmac_key(scheme, secret), digestmod=scheme.hash) for secret in self.secrets
            )
        return self._hmac_keys

    def _keys(self) -> tuple[Any, ...]:
        if self._public_keys is None:
            self._public_keys = tuple(public_key(secret) for secret in self.secrets)
        return self._public_keys


def _algorithm(scheme: PublicKey, request: Request) -> Algorithm | Refused:
    if scheme.choice is None:
        return scheme.algorithms[0][1]
    chosen = scheme.choice.value(request)
    for name, algorithm in scheme.algorithms:
        if name == chosen:
            return algorithm
    return Refused(
        Reason.SIGNATURE_MALFORMED,
        f"{scheme.choice} names no algorithm that is known here",
        " or ".join(name for name, _ in scheme.algorithms),
        "Set the sender up for one of these.",
    )


def _certificate_key(
    certificate: Certificate, request: Request, now: datetime, source: CertificateSource
) -> Any:
    url = certificate.place.value(request)
    if url is None:
        return value_missing(Lacking(str(certificate.place)))
    expected = f"an https URL at {' or '.join(certificate.hosts)}"
    if not is_certificate_url(url, certificate):
        return Refused(
            Reason.CERTIFICATE_UNTRUSTED,
            f"{certificate.place} leads to somewhere else",
            expected,
            "Nothing: the provider's own requests name its own hosts.",
        )
    pem = source(url)
    if pem is None:
        return CertificateNeeded(url)
    try:
        return certificate_key(pem, subject=certificate.subject, now=now)
    except KeyUnreadable as error:
        return Refused(
            Reason.CERTIFICATE_UNTRUSTED,
            f"The certificate at {url} is not to be trusted",
            str(error),
            "Fetch it again; if it stays so, ask the provider.",
        )


def _fresh(timestamp: Timestamp | None, claim: Claim, now: datetime, *, secret: int) -> Verdict:
    if timestamp is None or claim.sent_at is None:
        return Verified(secret)
    age_s = now.timestamp() - claim.sent_at
    if abs(age_s) <= timestamp.tolerance_s:
        return Verified(secret, claim.sent_at)
    when = f"{age_s:.0f} s ago" if age_s > 0 else f"{-age_s:.0f} s ahead of our clock"
    return Refused(
        Reason.STALE,
        f"The request was signed {when}",
        f"at most {timestamp.tolerance_s} s",
        "Compare the clocks. If they agree, somebody may be sending old requests again.",
    )


def _wrong(pack: Pack) -> Refused:
    return Refused(
        Reason.SIGNATURE_WRONG,
        "The signature is not of this request and this secret",
        "one that is",
        f"Compare the secret with the one at the sender ({pack.secret}); "
        "see that no proxy changes the body, and that the URL is the one that the sender has.",
    )
