"""What verifying a request comes to: a closed union.

A request that is not authentic is no exception: it is what verifying is for. ``Refused`` is written
for whoever sees it in the log; what it quotes of a request is never a secret, nor a signature that
would have been right.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Reason(StrEnum):
    """Why a request is refused: stable, for counting and for tests."""

    NO_SECRET = "no_secret"  # noqa: S105 - a reason
    SECRET_UNREADABLE = "secret_unreadable"  # noqa: S105 - a reason
    SIGNATURE_MISSING = "signature_missing"
    SIGNATURE_MALFORMED = "signature_malformed"
    SIGNED_VALUE_MISSING = "signed_value_missing"
    TIMESTAMP_MISSING = "timestamp_missing"
    TIMESTAMP_MALFORMED = "timestamp_malformed"
    STALE = "stale"
    SIGNATURE_WRONG = "signature_wrong"
    CREDENTIAL_MISSING = "credential_missing"
    CREDENTIAL_WRONG = "credential_wrong"
    CERTIFICATE_UNTRUSTED = "certificate_untrusted"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"


@dataclass(frozen=True, slots=True)
class Verified:
    """The request is from who knows the secret.

    ``secret``: which of the active secrets it was, from 0; so that one sees when the old one of a
    rotation is not used any more. ``sent_at``: seconds since 1970, where the sender signed a time.
    """

    secret: int = 0
    sent_at: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The request is not to be believed: what was found, what was expected, what to do."""

    reason: Reason
    found: str
    expected: str
    hint: str

    @property
    def message(self) -> str:
        """Say it in one sentence."""
        return f"{self.found}; {self.expected} was expected."


@dataclass(frozen=True, slots=True)
class CertificateNeeded:
    """The signature can be checked with the certificate at this URL, which is at an allowed host.

    Whoever asks fetches it, keeps it, and asks again.
    """

    url: str


Verdict: TypeAlias = Verified | Refused | CertificateNeeded
