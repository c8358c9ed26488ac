"""Provider packs: what is known of who sends webhooks, as data, and the engine that reads it.

::

    pack = load_pack("stripe")
    request = Request(method="POST", url=public_url, headers=headers, body=body)
    verdict = Verifier(pack, secrets).verify(request, now=now)
    match verdict:
        case Verified(): ...
        case Refused(reason, found, expected, hint): ...
        case CertificateNeeded(url): ...

Nothing here does I/O but reading the packs themselves: see the README beside this file.
"""

from transformer.ingest.providers.facts import Facts, facts_of
from transformer.ingest.providers.handshake import Answer, PersonNeeded, greet
from transformer.ingest.providers.pack import Pack
from transformer.ingest.providers.reader import load_pack, pack_names, read_pack
from transformer.ingest.providers.recognise import Likeness, recognise
from transformer.ingest.providers.request import Request
from transformer.ingest.providers.starter import Starter, load_starter
from transformer.ingest.providers.verdict import (
    CertificateNeeded,
    Reason,
    Refused,
    Verdict,
    Verified,
)
from transformer.ingest.providers.verify import Verifier

__all__ = [
    "Answer",
    "CertificateNeeded",
    "Facts",
    "Likeness",
    "Pack",
    "PersonNeeded",
    "Reason",
    "Refused",
    "Request",
    "Starter",
    "Verdict",
    "Verified",
    "Verifier",
    "facts_of",
    "greet",
    "load_pack",
    "load_starter",
    "pack_names",
    "read_pack",
    "recognise",
]
