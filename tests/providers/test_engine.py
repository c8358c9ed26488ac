"""The engine's rules, one by one, on packs that are written for the row: data of one's own is enough."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.providers import keys
from tests.providers.senders import SENDERS
from tests.providers.sent import FORM, Draft, Sent, b64, hexed
from tests.providers.test_vectors import draft_of
from transformer.errors import InvalidRequest
from transformer.ingest.providers import (
    Pack,
    Reason,
    Refused,
    Verified,
    Verifier,
    load_pack,
    read_pack,
)

ROOT = Path(__file__).parents[2]

HMAC: dict[str, Any] = {
    "scheme": "hmac",
    "hash": "sha512",
    "signature": ["header:x-sign"],
    "encoding": "base64",
    "signed": "{method} {path} {header:x-one} {value:a.b}\n{body}",
}


def pack_of(verify: Mapping[str, Any], **more: Any) -> Pack:
    table = {"title": "Own", "docs": "https://teapots.example", "secret": "one of your own"}
    return read_pack("own", table | {"verify": dict(verify)} | more)


def test_a_sender_of_ones_own_needs_no_code() -> None:
    body = b'{"a": {"b": "see"}}'
    signed = b"POST /in/t?x=1 uno see\n" + body
    headers = {"x-sign": b64("sha512", b"key", signed), "x-one": "uno"}
    sent = Sent(headers, body, "https://teapots.example/in/t?x=1")
    assert sent.verified_by(pack_of(HMAC), "key") == Verified()
    for changed in (
        replace(sent, method="PUT"),
        replace(sent, url="https://teapots.example/in/t?x=2"),
        replace(sent, headers=headers | {"x-one": "due"}),
    ):
        assert isinstance(changed.verified_by(pack_of(HMAC), "key"), Refused)


def refusal(sent: Sent, pack: Pack | str, *secrets: str) -> Refused:
    verdict = sent.verified_by(pack, *secrets)
    assert isinstance(verdict, Refused), verdict
    return verdict


SIGNED = SENDERS["stripe"].send(draft_of("stripe"))
SECRET = SENDERS["stripe"].secret(0).ours
T = draft_of("stripe").s

REASONS: Mapping[str, tuple[str, Reason]] = {
    "no scheme of a version that is known": (f"t={T},v9=00", Reason.SIGNATURE_MALFORMED),
    "no hexadecimal digits": (f"t={T},v1=xyz", Reason.SIGNATURE_MALFORMED),
    "an odd number of digits": (f"t={T},v1=abc", Reason.SIGNATURE_MALFORMED),
    "an empty signature": (f"t={T},v1=", Reason.SIGNATURE_MALFORMED),
    "no time": ("v1=00", Reason.TIMESTAMP_MISSING),
    "a time that is none": ("t=soon,v1=00", Reason.TIMESTAMP_MALFORMED),
    "a negative time": ("t=-5,v1=00", Reason.TIMESTAMP_MALFORMED),
    "an endless time": (f"t={'9' * 400},v1=00", Reason.TIMESTAMP_MALFORMED),
    "no number": ("t=nan,v1=00", Reason.TIMESTAMP_MALFORMED),
    "a short signature": (f"t={T},v1=00", Reason.SIGNATURE_WRONG),
    "letters of another script": (f"t={T},v1=\u0660\u0660", Reason.SIGNATURE_MALFORMED),
}


@pytest.mark.parametrize(("header", "reason"), REASONS.values(), ids=REASONS.keys())
def test_a_refusal_says_why(header: str, reason: Reason) -> None:
    sent = replace(SIGNED, headers={"stripe-signature": header})
    found = refusal(sent, "stripe", SECRET)
    assert found.reason is reason
    assert all((found.found, found.expected, found.hint))
    assert found.message.endswith("was expected.")


def test_of_several_signatures_any_does() -> None:
    value = SIGNED.headers["stripe-signature"]
    good = value.partition("v1=")[2]
    for header in (f"{value},v1={'0' * 64}", f"t={T},v1={'0' * 64},v1={good}", f"v1={good},t={T}"):
        sent = replace(SIGNED, headers={"stripe-signature": header})
        assert isinstance(sent.verified_by("stripe", SECRET), Verified)
    flood = ",".join([f"v1={'0' * 64}"] * 40 + [f"v1={good}"])
    sent = replace(SIGNED, headers={"stripe-signature": f"t={T},{flood}"})
    assert refusal(sent, "stripe", SECRET).reason is Reason.SIGNATURE_WRONG


def test_a_time_that_is_changed_makes_the_signature_wrong_not_fresh() -> None:
    old = SENDERS["stripe"].send(draft_of("stripe").earlier(4000))
    header = old.headers["stripe-signature"].replace(draft_of("stripe").earlier(4000).s, T)
    sent = replace(old, headers={"stripe-signature": header})
    assert refusal(sent, "stripe", SECRET).reason is Reason.SIGNATURE_WRONG


def test_a_stranger_is_not_told_that_a_request_is_old() -> None:
    old = SENDERS["stripe"].send(draft_of("stripe").earlier(4000))
    assert refusal(old, "stripe", "another").reason is Reason.SIGNATURE_WRONG


UNREADABLE = {
    "svix": "whsec_not base64!",
    "adyen": "xyz",
    "sendgrid": "MFkwEwYHKoZIzj0CAQ==",
    "discord": "1234",
    "paddle-classic": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
    "ip-allow-list": "192.0.2.300",
}


@pytest.mark.parametrize(("name", "secret"), UNREADABLE.items(), ids=UNREADABLE.keys())
def test_a_secret_that_cannot_be_used_is_said_so_before_a_webhook_comes(
    name: str, secret: str
) -> None:
    assert Verifier(load_pack(name), [secret]).check_secrets()
    sent = SENDERS[name].send(draft_of(name)) if name in SENDERS else Sent({}, b"{}")
    found = refusal(replace(sent, address="192.0.2.1"), name, secret)
    assert found.reason is Reason.SECRET_UNREADABLE
    assert secret not in f"{found.message} {found.hint}"


@pytest.mark.parametrize("name", sorted(SENDERS))
def test_a_secret_that_can_be_used_is_taken(name: str) -> None:
    assert Verifier(load_pack(name), [SENDERS[name].secret(0).ours]).check_secrets() == ""


def test_a_key_of_another_kind_made_no_signature() -> None:
    sent = SENDERS["sendgrid"].send(draft_of("sendgrid"))
    for other in (keys.edwards(0).ours, keys.rsa_pem(0).ours):
        assert refusal(sent, "sendgrid", other).reason is Reason.SIGNATURE_WRONG


def test_every_item_of_adyen_is_verified() -> None:
    draft = draft_of("adyen")
    [item] = draft.payload["notificationItems"]
    draft = draft.rewritten({"live": "false", "notificationItems": [item, item]})
    sent = SENDERS["adyen"].send(draft)
    secret = draft.secret.ours
    assert isinstance(sent.verified_by("adyen", secret), Verified)
    forged = sent.body[::-1].replace(b"0093", b"0099", 1)[::-1]  # the second item's amount
    assert refusal(replace(sent, body=forged), "adyen", secret).reason is Reason.SIGNATURE_WRONG
    wrong: list[Any] = [[], [{}], [{"NotificationRequestItem": {}}], {}, None]
    for items in wrong:
        body = draft.rewritten({"notificationItems": items}).body
        assert isinstance(refusal(replace(sent, body=body), "adyen", secret), Refused)


def test_a_form_that_is_none_is_not_taken_for_an_empty_one() -> None:
    """The signature of an empty form, seen once, would else do for any body that is no form."""
    empty = SENDERS["twilio"].send(Draft(b"", FORM, SENDERS["twilio"].secret(0)))
    secret = SENDERS["twilio"].secret(0).ours
    assert isinstance(empty.verified_by("twilio", secret), Verified)
    for content_type, body in (
        ("application/json", b'{"From": "+33612345678"}'),
        ("text/plain", b"From=%2B33612345678"),
        (FORM, b"&".join(b"a=%d" % number for number in range(3000))),
        ("multipart/form-data", b"--x"),
    ):
        sent = replace(
            empty, headers=dict(empty.headers) | {"content-type": content_type}, body=body
        )
        assert refusal(sent, "twilio", secret).reason is Reason.SIGNED_VALUE_MISSING


def test_a_json_body_of_twilio_must_be_the_one_that_the_url_names() -> None:
    secret = SENDERS["twilio"].secret(0)
    body = b'{"a": 1}'
    url = f"https://teapots.example/in/t?bodySHA256={sha256(body).hexdigest()}"
    headers = {
        "content-type": "application/json",
        "x-twilio-signature": b64("sha1", secret.theirs.encode(), url.encode()),
    }
    sent = Sent(headers, body, url)
    assert isinstance(sent.verified_by("twilio", secret.ours), Verified)
    assert isinstance(refusal(replace(sent, body=b'{"a": 2}'), "twilio", secret.ours), Refused)


def test_a_field_given_twice_is_refused_where_one_of_them_is_signed() -> None:
    sent = SENDERS["paddle-classic"].send(draft_of("paddle-classic"))
    twice = replace(sent, body=b"status=trialing&" + sent.body)
    secret = SENDERS["paddle-classic"].secret(0).ours
    assert refusal(twice, "paddle-classic", secret).reason is Reason.SIGNED_VALUE_MISSING


def test_contentful_must_sign_its_time() -> None:
    draft = draft_of("contentful")
    headers = {"x-contentful-signed-headers": "content-type", "content-type": "a/b"}
    signed = f"POST\n/in/t\ncontent-type:a/b\n{draft.body.decode()}".encode()
    headers["x-contentful-signature"] = hexed("sha256", draft.key, signed)
    headers["x-contentful-timestamp"] = draft.ms
    sent = Sent(headers, draft.body, "https://teapots.example/in/t")
    found = refusal(sent, "contentful", draft.secret.ours)
    assert found.reason is Reason.SIGNED_VALUE_MISSING


INVALID: Mapping[str, tuple[dict[str, Any], str, str]] = {
    "a scheme that is none": ({"scheme": "magic"}, "/verify/scheme", "magic"),
    "no hash": ({**HMAC, "hash": "md5"}, "/verify/hash", "md5"),
    "a misspelt key": ({**HMAC, "sinature": "x"}, "/verify", "sinature"),
    "a place that is none": ({**HMAC, "signature": ["body"]}, "/verify/signature/0", "header:NAME"),
    "what cannot be signed": ({**HMAC, "signed": "{everything}"}, "/verify/signed", "{body}"),
    "a network that is none": (
        {"scheme": "addresses", "networks": ["teapots"]},
        "/verify/networks",
        "teapots",
    ),
    "a host with a scheme": (
        {
            "scheme": "public-key",
            "algorithms": {"a": "ed25519"},
            "signature": ["path:a"],
            "encoding": "hex",
            "signed": "{body}",
            "certificate": {"url": "path:b", "hosts": ["https://a.example"]},
        },
        "/verify/certificate/hosts/0",
        "host",
    ),
    "a tolerance for ever": (
        {**HMAC, "timestamp": {"part": "t=", "unit": "s", "tolerance_s": 10**9}},
        "/verify/timestamp/tolerance_s",
        "604800",
    ),
}


@pytest.mark.parametrize(("verify", "pointer", "words"), INVALID.values(), ids=INVALID.keys())
def test_a_pack_that_is_wrong_is_told_where(
    verify: dict[str, Any], pointer: str, words: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        pack_of(verify)
    assert caught.value.pointer == pointer
    assert words in caught.value.message
    assert caught.value.hint


def test_a_source_without_public_keys_does_not_pay_for_them() -> None:
    """``cryptography`` weighs some megabytes in each process."""
    code = (
        "import sys; from tests.providers.published import PUBLISHED as examples;"
        "one = examples['github'];"
        "print(type(one.sent.verified_by('github', one.secret)).__name__);"
        "print('cryptography' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.split() == ["Verified", "False"]
