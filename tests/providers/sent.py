"""What a sender needs to sign a webhook, and what it sends."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from transformer.ingest.providers import Pack, Request, Verdict, Verifier
from transformer.ingest.providers.reader import load_pack, pack_folder

NOW = datetime(2025, 3, 14, 9, 26, 53, 589000, tzinfo=UTC)
URL = "https://hooks.teapots.example/in/3xAmPl3?shop=1&note=a%2Fb"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Secret:
    """What the source knows, and what the sender signs with: the same, or a private key."""

    ours: str
    theirs: Any


@dataclass(frozen=True, slots=True)
class Draft:
    """A webhook that is not signed yet."""

    body: bytes
    content_type: str
    secret: Secret
    at: datetime = NOW
    url: str = URL
    id: str = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"

    @property
    def key(self) -> bytes:
        return str(self.secret.theirs).encode()

    @property
    def s(self) -> str:
        return str(int(self.at.timestamp()))

    @property
    def ms(self) -> str:
        return str(int(self.at.timestamp() * 1000))

    @property
    def iso(self) -> str:
        return self.at.strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def payload(self) -> Any:
        return json.loads(self.body)

    def rewritten(self, payload: Any) -> "Draft":
        if self.content_type == FORM:
            return replace(self, body=urlencode(payload).encode())
        return replace(self, body=json.dumps(payload).encode())

    def earlier(self, seconds: float) -> "Draft":
        return replace(self, at=self.at - timedelta(seconds=seconds))


@dataclass(frozen=True, slots=True)
class Sent:
    """A webhook as it arrives."""

    headers: Mapping[str, str]
    body: bytes
    url: str = URL
    method: str = "POST"
    address: str = ""
    certificates: Mapping[str, bytes] = field(default_factory=dict)

    def request(self) -> Request:
        return Request(
            method=self.method,
            url=self.url,
            headers=[(name.encode(), value.encode()) for name, value in self.headers.items()],
            body=self.body,
            address=self.address,
        )

    def verified_by(
        self, pack: Pack | str, *secrets: str, now: datetime = NOW + timedelta(seconds=2)
    ) -> Verdict:
        loaded = load_pack(pack) if isinstance(pack, str) else pack
        verifier = Verifier(loaded, secrets)
        return verifier.verify(self.request(), now=now, certificate=self.certificates.get)


def hexed(algorithm: str, key: bytes, message: bytes) -> str:
    return hmac.new(key, message, algorithm).hexdigest()


def b64(algorithm: str, key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(key, message, algorithm).digest()).decode()


def sha1_key(text: str) -> bytes:
    return hashlib.sha1(text.encode()).digest()  # noqa: S324 - Braintree's rule


def sample(name: str) -> tuple[Any, dict[str, str]]:
    """Give a pack's sample payload, and the headers that it comes with beside the signature."""
    folder = pack_folder(name)
    headers = folder / "headers.json"
    found: dict[str, str] = json.loads(headers.read_text()) if headers.is_file() else {}
    return json.loads((folder / "payload.json").read_text()), found


Signer = Callable[[Draft], "Mapping[str, str] | Sent"]


@dataclass(frozen=True, slots=True)
class Sender:
    """How a provider sends: written here from its documentation, without the engine and the pack."""

    sign: Signer
    secret: Callable[[int], Secret]

    def send(self, draft: Draft) -> Sent:
        signed = self.sign(draft)
        if isinstance(signed, Sent):
            return replace(
                signed, headers={"content-type": draft.content_type} | dict(signed.headers)
            )
        return Sent({"content-type": draft.content_type, **signed}, draft.body, draft.url)
